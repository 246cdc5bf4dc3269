# What readers and staff see, in Vietnamese. en.ftl has the same keys; a test compares them.

## Pages

# Feeds: titles and the one sentence at their head.
feed-all = Tất cả chuyên mục
feed-all-language = Tất cả tin tiếng Việt
feed-description = Tin, bài mới của { $publisher } trong chuyên mục { $name }.
feed-description-all = Tin, bài mới của { $publisher } trong tất cả các chuyên mục.

## Telegram
telegram-read = Đọc bài
telegram-more = … và { $more } bài khác
telegram-digest = { $count } bài mới
telegram-test = Tin thử của bantin
telegram-test-body = Kênh này đã nhận được tin của { $organisation }. Không cần làm gì thêm.

## Mails
mail-read = Đọc bài trên trang
mail-read-more = Đọc tiếp
mail-too-long = Bài này dài, mời bạn đọc trọn vẹn trên trang.
mail-by = { $name }
mail-why = Bạn nhận thư này vì đã đăng ký tin của { $organisation }.
mail-why-section = Bạn nhận thư này vì đã đăng ký mục “{ $section }” của { $organisation }.
mail-unsubscribe = Hủy đăng ký
mail-preferences = Tùy chọn nhận tin
mail-privacy = Quyền riêng tư
mail-digest-daily = Bản tin hằng ngày
mail-digest-weekly = Bản tin hằng tuần
mail-digest-subject = { $name } { $date }: { $title }
mail-digest-subject-more = { $name } { $date }: { $title } và { $more } tin khác
mail-digest-count = { $count } bài mới
mail-digest-rest = Các bài khác
mail-digest-more = … và { $more } bài khác trên trang
mail-confirm-subject = Xác nhận đăng ký tin của { $organisation }
mail-confirm-title = Chỉ còn một bước
mail-confirm-body = Địa chỉ này vừa được dùng để đăng ký nhận tin của { $organisation }. Nếu đúng là bạn, hãy mở trang xác nhận và bấm nút trên đó.
mail-confirm-sections = Các mục đã chọn:
mail-confirm-button = Mở trang xác nhận
mail-confirm-link = Nếu nút không hoạt động, hãy chép địa chỉ này vào trình duyệt:
mail-confirm-ignore = Nếu không phải bạn, xin bỏ qua thư này: sẽ không có thư nào được gửi thêm và địa chỉ sẽ được xóa.
mail-test-subject = Thư thử của bantin
mail-test-title = Thư đã tới nơi
mail-test-body = Đây là thư thử từ { $organisation }. Nếu bạn đọc được các chữ Ậ Ễ Ộ Ữ Ỵ thì mọi thứ đều ổn.
