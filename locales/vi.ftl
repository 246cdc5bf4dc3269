# What readers and staff see, in Vietnamese. en.ftl has the same keys; a test compares them.

## Pages

# Feeds: titles and the one sentence at their head.
feed-all = Tất cả chuyên mục
feed-all-language = Tất cả tin tiếng Việt
feed-description = Tin, bài mới của { $publisher } trong chuyên mục { $name }.
feed-description-all = Tin, bài mới của { $publisher } trong tất cả các chuyên mục.
