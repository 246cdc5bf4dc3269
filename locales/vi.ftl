# What readers and staff see, in Vietnamese. en.ftl has the same keys; a test compares them.
