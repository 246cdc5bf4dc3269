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
page-all-text = Một nguồn tin cho tất cả. Hãy theo dõi nguồn tin chung hoặc từng chuyên mục, vì một số trình đọc tin chỉ hiện mỗi bài một lần.
page-on-site = Chuyên mục trên trang gốc
page-latest = Về các bài mới nhất
page-follow = Theo dõi chuyên mục này
page-what-is-a-feed = Nguồn tin là một địa chỉ mà trình đọc tin (như Feedly, Thunderbird, NetNewsWire) tự mở xem hộ bạn: có bài mới là bạn thấy ngay, không cần đăng ký tài khoản.
page-feed-address = Địa chỉ để dán vào trình đọc tin:
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
page-consent = Tôi đồng ý nhận thư của { $publisher } về các chuyên mục đã chọn. Tôi có thể thôi nhận bất cứ lúc nào bằng liên kết trong mỗi thư.
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
page-confirm-text = Bấm nút dưới đây để bắt đầu nhận tin. Nếu bạn không đăng ký, chỉ cần đóng trang này: sẽ không có thư nào được gửi.
page-confirm-button = Tôi muốn nhận tin
page-confirmed = Đã đăng ký
page-confirmed-text = Cảm ơn bạn. Từ bây giờ bạn sẽ nhận được các bài mới.
page-expired = Liên kết này không còn hiệu lực
page-expired-text = Liên kết xác nhận có hiệu lực trong 48 giờ và chỉ liên kết mới nhất dùng được. Hãy đăng ký lại để nhận một liên kết mới.
page-unknown-link = Liên kết này không đúng
page-unknown-link-text = Có thể liên kết đã bị ngắt dòng trong thư. Hãy chép lại cả liên kết, hoặc bấm thẳng vào liên kết trong thư.
page-unsubscribe = Thôi nhận tin
page-unsubscribe-text = Bấm nút dưới đây để không nhận thư nào nữa.
page-unsubscribe-button = Thôi nhận tất cả
page-unsubscribe-one = Chỉ thôi nhận một chuyên mục
page-unsubscribe-all = Thôi nhận tất cả
page-left = Bạn đã thôi nhận tin
page-left-text = Chúng tôi sẽ không gửi thư cho bạn nữa. Nếu đó là nhầm lẫn, bạn có thể chọn lại chuyên mục.
page-left-section = Đã thôi nhận chuyên mục này
page-left-section-text = Các chuyên mục khác vẫn được gửi như trước.
page-preferences = Tùy chọn nhận tin
page-preferences-intro = Chọn tần suất cho từng chuyên mục. Không chọn chuyên mục nào nghĩa là thôi nhận tin.
page-save = Lưu
page-saved = Đã lưu.
page-to-preferences = Tùy chọn nhận tin
page-to-subscribe = Đăng ký lại

# Pages: when something is not there.
page-not-found = Không tìm thấy trang
page-not-found-text = Địa chỉ này không có ở đây. Có thể nó đã bị gõ nhầm.
page-gone = Chuyên mục này không còn nữa
page-gone-text = Chuyên mục đã được gỡ bỏ và không có bài mới.
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

## Telegram
telegram-read = Đọc bài
telegram-more = … và { $more } bài khác
telegram-digest = { $count } bài mới
telegram-other = Tiếng Việt
telegram-withdrawn = Bài này đã được gỡ
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

## Bot
bot-stranger = Xin chào. Bản tin này chỉ gửi tin; mời đọc và đăng ký tại { $pages }
bot-not-allowed = Nút này dành cho quản trị viên.
bot-help = Các lệnh: /status · /holds · /pause CHUYÊN-MỤC · /resume CHUYÊN-MỤC · /retract BÀI · /push BÀI [KÊNH]. BÀI là địa chỉ hoặc số của bài.
bot-well = bình thường
bot-paused-state = đang tạm dừng
bot-queue = Đang chờ gửi: { $count }
bot-held = Đang giữ lại: { $count } lần (/holds)
bot-resting = { $chat } tạm nghỉ: { $reason }
bot-no-holds = Không có gì bị giữ lại.
bot-hold = { $section }: giữ lại { $count } bài
bot-approve = Cho gửi
bot-as-digest = Gửi một bản tổng hợp
bot-dismiss = Bỏ qua
bot-approved = Đã cho gửi: { $count } bài.
bot-digest = Sẽ gửi một bản tổng hợp: { $count } bài.
bot-seen = Đã bỏ qua: { $count } bài. Không gửi gì.
bot-decided = Việc này đã được quyết định rồi.
bot-no-digest = Không thể gộp thành bản tổng hợp.
bot-no-section = Không có chuyên mục { $section }.
bot-paused = { $section }: đã tạm dừng. /resume { $section } để tiếp tục.
bot-resumed = { $section }: đã tiếp tục.
bot-no-article = Không tìm thấy bài này.
bot-retracted = Đã gỡ: bài rời khỏi các nguồn tin, các bài đăng bị xóa.
bot-retracted-before = Bài này đã được gỡ trước đó.
bot-pushed = Đã xếp hàng gửi: { $count } kênh.
bot-pushed-before = Bài này đã được gửi tới đó, hoặc đang trên đường gửi.
alert-resting = { $chat } không nhận tin nữa: { $reason }
alert-resting-remedy = Kênh tạm nghỉ, tin chờ tối đa một ngày; mỗi giờ thử lại một lần. Hãy thêm lại bot làm quản trị viên của kênh.
alert-refused = Telegram từ chối bot: { $reason }
alert-refused-remedy = Không mất tin nào. Hãy lấy mã mới từ @BotFather và khởi động lại bantin.
