# What readers and staff see, in Vietnamese. en.ftl has the same keys; a test compares them.

## Pages

# Feeds: titles and the one sentence at their head.
feed-all = Tất cả chuyên mục
feed-all-language = Tất cả tin tiếng Việt
feed-description = Tin, bài mới của { $publisher } trong chuyên mục { $name }.
feed-description-all = Tin, bài mới của { $publisher } trong tất cả các chuyên mục.

# Pages: the frame.
page-skip = Đến nội dung
page-language = Ngôn ngữ
page-more = Liên kết khác
page-sections = Các chuyên mục
page-by-email = Nhận tin qua thư
page-opml = Danh sách nguồn tin (OPML)
page-status = Tình trạng
page-privacy = Quyền riêng tư

# Pages: sections.
page-sections-intro = Mỗi chuyên mục có một nguồn tin riêng. Theo dõi chuyên mục bạn quan tâm bằng trình đọc tin hoặc qua thư điện tử.
page-no-sections = Chưa có chuyên mục nào.
page-no-articles = Chưa có bài nào.
page-email = Thư điện tử
page-feed-of = Nguồn tin { $kind } của chuyên mục { $name }
page-email-of = Nhận bài mới của chuyên mục { $name } qua thư điện tử
page-telegram-of = Kênh Telegram { $chat } của chuyên mục { $name }
page-all-text = Một nguồn tin cho tất cả. Hãy theo dõi nguồn tin chung hoặc từng chuyên mục, vì một số trình đọc tin chỉ hiện mỗi bài một lần.
page-on-site = Chuyên mục trên trang gốc
page-latest = Về các bài mới nhất
page-follow = Theo dõi chuyên mục này
page-what-is-a-feed = Nguồn tin là một địa chỉ mà trình đọc tin (như Feedly, Thunderbird, NetNewsWire) tự mở xem hộ bạn: có bài mới là bạn thấy ngay, không cần đăng ký tài khoản.
page-feed-address = Địa chỉ để dán vào trình đọc tin:
page-how-to-follow = Cách theo dõi bằng trình đọc tin
page-readers = Hoặc mở thẳng trong một dịch vụ đọc tin:
page-qr = Mã QR của nguồn tin RSS
page-qr-text = Quét bằng điện thoại để thêm vào ứng dụng đọc tin.
page-search = Tìm trong chuyên mục
page-search-button = Tìm
page-found = Các bài có “{ $words }”:
page-found-nothing = Không có bài nào có “{ $words }”.
page-all-articles = Xem tất cả các bài
page-read-on-site = Đọc bài trên trang gốc
page-more-of-section = Các bài khác của chuyên mục
page-whole-article = Đọc toàn bài
page-older = Các bài cũ hơn

# Pages: subscribing.
page-subscribe = Nhận tin qua thư điện tử
page-subscribe-intro = Chọn chuyên mục và tần suất. Chúng tôi gửi cho bạn một thư xác nhận; chưa bấm xác nhận thì chưa có thư nào khác được gửi.
page-your-email = Địa chỉ thư điện tử
page-which-sections = Chuyên mục
page-how-often = Tần suất
page-cadence-now = Ngay khi có bài mới
page-cadence-daily = Mỗi ngày một thư
page-cadence-weekly = Mỗi tuần một thư
page-digest-hour = Giờ nhận thư tổng hợp
page-digests = Thư tổng hợp và ngôn ngữ
page-digest-day = Ngày nhận thư tuần
page-digest-zone = Múi giờ
page-digest-usual = Như thường lệ
page-weekday-1 = Thứ hai
page-weekday-2 = Thứ ba
page-weekday-3 = Thứ tư
page-weekday-4 = Thứ năm
page-weekday-5 = Thứ sáu
page-weekday-6 = Thứ bảy
page-weekday-7 = Chủ nhật
page-cadence-none = Không nhận
page-mail-language = Ngôn ngữ của thư
page-consent = Tôi đồng ý nhận thư của { $publisher } về các chuyên mục đã chọn. Tôi có thể hủy đăng ký bất cứ lúc nào bằng liên kết trong mỗi thư.
page-subscribe-button = Đăng ký
page-error = Lỗi
page-error-email = Hãy nhập một địa chỉ thư điện tử đúng, ví dụ ten@example.vn.
page-error-section = Hãy chọn ít nhất một chuyên mục.
page-error-form = Biểu mẫu được gửi quá nhanh hoặc đã mở quá lâu. Hãy bấm Đăng ký một lần nữa.
page-sent = Mời bạn xem hộp thư
page-sent-text = Nếu địa chỉ đúng, một thư xác nhận đang được gửi đến. Hãy mở liên kết trong thư trong vòng 48 giờ. Không thấy thư? Hãy xem mục thư rác; mỗi địa chỉ nhận nhiều nhất một thư xác nhận mỗi ngày.
page-no-email = Không gửi tin qua thư điện tử
page-no-email-text = Trang này chưa gửi tin qua thư điện tử. Bạn vẫn có thể theo dõi các chuyên mục bằng trình đọc tin.

# Pages: the links in mails.
page-confirm = Xác nhận đăng ký
page-confirm-text = Bấm nút dưới đây để bắt đầu nhận tin. Nếu đổi ý, bạn chỉ cần đóng trang này: chưa có gì được gửi.
page-confirm-button = Tôi muốn nhận tin
page-not-you = Không phải bạn?
page-not-you-text = Nếu có người dùng địa chỉ của bạn mà bạn không muốn, chúng tôi sẽ xóa địa chỉ và không bao giờ gửi thư xác nhận đến đó nữa.
page-never-button = Đừng gửi đến địa chỉ này nữa
page-never = Đã ghi nhận
page-never-text = Địa chỉ đã được xóa. Sẽ không có thư nào được gửi đến đó nữa, dù ai nhập lại.
page-confirmed = Đã đăng ký
page-confirmed-text = Cảm ơn bạn. Từ bây giờ bạn sẽ nhận được các bài mới.
page-expired = Liên kết này không còn hiệu lực
page-expired-text = Liên kết xác nhận có hiệu lực trong 48 giờ và chỉ liên kết mới nhất dùng được. Hãy đăng ký lại để nhận một liên kết mới.
page-unknown-link = Liên kết này không đúng
page-unknown-link-text = Có thể liên kết đã bị ngắt dòng trong thư. Hãy chép lại cả liên kết, hoặc bấm thẳng vào liên kết trong thư.
page-unsubscribe = Hủy đăng ký
page-unsubscribe-text = Bấm nút dưới đây, bạn sẽ không nhận thư nào nữa.
page-unsubscribe-button = Hủy đăng ký tất cả
page-unsubscribe-one = Chỉ hủy một chuyên mục
page-unsubscribe-all = Hủy đăng ký tất cả
page-left = Bạn đã hủy đăng ký
page-left-text = Chúng tôi sẽ không gửi thư cho bạn nữa. Nếu đó là nhầm lẫn, bạn có thể chọn lại chuyên mục.
page-left-section = Đã hủy chuyên mục này
page-left-section-text = Các chuyên mục khác vẫn được gửi như trước.
page-unsubscribe-none = Hiện không có thư nào được gửi cho bạn.
page-pause = Tạm nghỉ
page-pause-text = Tạm ngừng nhận thư trong 30 ngày, sau đó thư tự động được gửi lại. Những bài đăng trong thời gian này sẽ không được gửi bù.
page-pause-button = Tạm nghỉ 30 ngày
page-paused = Đã tạm ngừng gửi thư
page-paused-text = Trong 30 ngày tới bạn sẽ không nhận được thư nào. Bạn có thể nhận lại sớm hơn trong phần tùy chọn.
page-paused-until = Thư đang tạm ngừng đến { $date }.
page-resume-button = Nhận lại ngay
page-resumed = Thư đã được gửi trở lại
page-resumed-text = Từ bây giờ bạn sẽ lại nhận được các bài mới.
page-nothing-to-do = Không có gì thay đổi
page-nothing-to-do-text = Việc này đã được thực hiện trước đó hoặc hiện không thể thực hiện.
page-own-data = Dữ liệu của bạn
page-own-data-text = Chúng tôi chỉ lưu địa chỉ, các lựa chọn, sự đồng ý của bạn và danh sách thư đã gửi trong 30 ngày gần đây. Chúng tôi không theo dõi việc bạn đọc gì.
page-export-button = Tải về dữ liệu của tôi
page-erase = Xóa dữ liệu của tôi
page-erase-text = Địa chỉ, các lựa chọn, sự đồng ý và lịch sử thư của bạn sẽ bị xóa ngay và không khôi phục được. Bạn sẽ không nhận thư nào nữa.
page-erase-button = Xóa tất cả
page-erase-not = Giữ lại, quay về tùy chọn
page-erased = Dữ liệu của bạn đã được xóa
page-erased-text = Chúng tôi không còn lưu gì về bạn. Bạn có thể đăng ký lại bất cứ lúc nào.
page-preferences = Tùy chọn nhận tin
page-preferences-intro = Chọn tần suất cho từng chuyên mục. Không chọn chuyên mục nào nghĩa là hủy đăng ký.
page-save = Lưu
page-saved = Đã lưu.
page-to-preferences = Tùy chọn nhận tin
page-to-subscribe = Đăng ký lại

# Pages: when something is not there.
page-not-found = Không tìm thấy trang
page-not-found-text = Địa chỉ này không có ở đây. Có thể nó đã bị gõ nhầm.
page-gone = Chuyên mục này không còn nữa
page-gone-text = Chuyên mục đã được gỡ bỏ và không có bài mới.
page-withdrawn = Bài này đã được gỡ
page-withdrawn-text = Tòa soạn đã gỡ bài khỏi trang.
page-unavailable = Tạm thời chưa mở được trang
page-unavailable-text = Hãy thử lại sau ít phút. Các nguồn tin vẫn hoạt động bình thường.
page-too-often = Quá nhiều yêu cầu
page-too-often-text = Có quá nhiều yêu cầu từ mạng của bạn. Hãy thử lại sau.

# Pages: status.
page-status-well = Mọi việc đều ổn.
page-status-trouble = Có việc chưa ổn. Các nguồn tin vẫn được phục vụ với nội dung gần nhất.
page-section = Chuyên mục
page-condition = Tình trạng
page-last-look = Lần xem gần nhất
page-next-look = Lần xem tiếp theo
page-section-well = Ổn
page-section-trouble = Chưa đọc được
page-section-new = Chưa xem lần nào
page-outbox = Hàng đợi gửi
page-section-paused = Tạm dừng
page-chart-text = Mỗi cột là số bài của một ngày trong 14 ngày qua, cột cuối là hôm nay.
page-chart-sum = { $count } bài trong 14 ngày
page-hold-count = { $count } bài
page-at-once = chưa tới 1 giây
page-seconds = { $count } giây
page-minutes = { $count } phút
page-hours = { $count } giờ
page-days = { $count } ngày
page-chart-label = Số bài mỗi ngày trong 14 ngày qua: { $days }
page-pace = Tin đến với bạn nhanh thế nào
page-pace-published = Từ lúc đăng đến lúc gửi thường mất { $time }.
page-pace-found = Từ lúc bantin thấy bài đến lúc gửi thường mất { $time }.
page-pace-caption = { $count } bài được gửi gần đây, theo thời gian
page-pace-time = Thời gian
page-pace-articles = Số bài
page-within-minute = Dưới 1 phút
page-within-minutes = 1 đến 5 phút
page-within-half-hour = 5 đến 30 phút
page-within-hours = 30 phút đến 3 giờ
page-later = Lâu hơn
page-looks = Các lần xem gần đây
page-look-unchanged = không có gì thay đổi
page-look-found = { $listed } bài trong danh sách, { $new } bài mới
page-holds = Đang chờ quyết định
page-no-holds = Không có gì bị giữ lại.
page-no-queue = Hàng đợi trống.
page-channel = Kênh
page-messages = Số tin
page-admin = Chi tiết cho quản trị viên
page-admin-token = Mã truy cập của quản trị viên
page-admin-button = Xem chi tiết
page-admin-wrong = Mã này không đúng.

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
mail-view = Xem trong trình duyệt
mail-correction = Đính chính.
mail-correction-text = Bài này đã được sửa sau khi gửi đến bạn. Nội dung đúng như sau.
mail-correction-subject = Đính chính: { $title }
mail-farewell-subject = Đã hủy đăng ký tin của { $organisation }
mail-farewell-title = Tạm biệt và cảm ơn bạn
mail-farewell-body = Bạn đã hủy đăng ký tin của { $organisation }. Đây là thư cuối cùng chúng tôi gửi đến địa chỉ này.
mail-farewell-back = Nếu không phải bạn hủy, hoặc bạn đổi ý, hãy chọn lại chuyên mục ở đây:
mail-farewell-button = Chọn lại chuyên mục
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

## Alerts for admins

alert-articles = { $section }: đang giữ lại { $count } bài mới
alert-edits = { $section }: đang giữ lại { $count } bài có chỉnh sửa
alert-withdrawals = { $section }: đang giữ lại { $count } bài bị gỡ
alert-list = { $section }: nguồn hiển thị một danh sách khác; chưa nhận bài nào
alert-unwell = { $section }: nguồn có vấn đề
alert-unwell-many = Nguồn của { $count } chuyên mục có vấn đề
alert-more = … và { $more } bài khác
alert-decide = Quyết định: bantin holds approve { $hold } (cho qua) hoặc bantin holds seen { $hold } (không gửi gì).
alert-decide-digest = Quyết định: bantin holds approve { $hold } (gửi từng bài), bantin holds digest { $hold } (gửi một bản tổng hợp) hoặc bantin holds seen { $hold } (không gửi gì). Các bài đã có trong nguồn tin RSS.
alert-asks = { $count } tin nhắn chờ quyết định của bạn
alert-asks-why = Không rõ các tin này đã đến nơi hay chưa: kết nối bị ngắt sau khi gửi, hoặc bantin bị dừng. Không tin nào được gửi lại nếu bạn không yêu cầu.
alert-asks-decide = bantin deliveries list --state uncertain, rồi bantin deliveries retry hoặc drop
alert-until = Nếu không có quyết định, mục này được đánh dấu đã xem vào { $until }.
hold-words = { $words }
hold-run = { $new } bài mới trong một lần đọc; theo hoạt động trước đây của chuyên mục, tối đa khoảng { $most }
hold-run-set = { $new } bài mới trong một lần đọc, nhiều hơn `guard.run = { $most }`
hold-day = { $new } bài mới trong 24 giờ; theo hoạt động trước đây của chuyên mục, tối đa khoảng { $most }
hold-day-set = { $new } bài mới trong 24 giờ, nhiều hơn `guard.day = { $most }`
hold-moved = { $moved } trong { $listed } bài của danh sách đã chuyển sang địa chỉ mới; các bài còn lại có thể cũng là bài cũ
hold-late = đăng khi bantin không đọc được nguồn, nay đã cũ hơn `guard.fresh`; bản tổng hợp vẫn có các bài này
hold-restored = mới hơn cơ sở dữ liệu vừa được khôi phục hoặc bị mất; có thể đã được gửi trước đó
hold-edits = { $changed } bài thay đổi trong vòng một giờ; chỉ cho qua tối đa { $most }
hold-withdrawals = { $changed } bài biến mất khỏi trang trong vòng một giờ; chỉ coi tối đa { $most } là đã gỡ
