# What readers and staff see, in English. vi.ftl has the same keys; a test compares them.
