# What readers and staff see, in English. vi.ftl has the same keys; a test compares them.

## Pages

# Feeds: titles and the one sentence at their head.
feed-all = All sections
feed-all-language = All news in English
feed-description = New articles by { $publisher } in the section { $name }.
feed-description-all = New articles by { $publisher } in all sections.
