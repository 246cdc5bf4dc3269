//! What can be the matter with a source: a code, what it means and what to do, in both languages.

macro_rules! codes {
    ($($name:ident $text:literal { $en:literal $do_en:literal $vi:literal $do_vi:literal })*) => {
        /// A code of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $en] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// `H501`.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means and what to do, in English.
            pub fn english(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($en, $do_en),)* }
            }

            /// What it means and what to do, in Vietnamese.
            pub fn vietnamese(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($vi, $do_vi),)* }
            }
        }
    };
}

codes! {
    Unreachable "H501" {
        "The source cannot be reached, or its server fails."
        "Open the address in a browser. If it works there, a firewall may stand between this machine and the site; if it does not, tell the site's operator. bantin keeps trying."
        "Không kết nối được tới nguồn, hoặc máy chủ của nguồn báo lỗi."
        "Hãy mở địa chỉ bằng trình duyệt. Nếu mở được, có thể tường lửa chặn máy này; nếu không, hãy báo đơn vị vận hành trang. bantin sẽ tiếp tục thử."
    }
    Refused "H502" {
        "The site refuses bantin (403 and the like)."
        "Ask the site's operator to let this machine's address or the user agent `bantin` in; set `[fetch] contact` so that they know whom to ask, or look less often (`schedule`)."
        "Trang web từ chối bantin (403 hoặc tương tự)."
        "Hãy đề nghị đơn vị vận hành trang cho phép địa chỉ của máy này hoặc user agent `bantin`; đặt `[fetch] contact` để họ biết liên hệ với ai, hoặc giảm tần suất (`schedule`)."
    }
    Gone "H503" {
        "The source's address answers that it is not there (404 or 410)."
        "The section has probably moved: find its new page on the site and change `url`; its articles and readers stay."
        "Địa chỉ của nguồn trả lời là không còn (404 hoặc 410)."
        "Có lẽ chuyên mục đã chuyển chỗ: tìm trang mới trên trang web rồi sửa `url`; bài và độc giả được giữ nguyên."
    }
    Challenge "H504" {
        "The site answers with a captcha or a refusal instead of the page."
        "Ask the site's operator to let bantin pass their protection; a feed or an API of the site is often not behind it."
        "Trang web trả về captcha hoặc thông báo từ chối thay cho nội dung."
        "Hãy đề nghị đơn vị vận hành trang cho bantin đi qua lớp bảo vệ; nguồn RSS hoặc API của trang thường không bị chặn."
    }
    Script "H505" {
        "The page is filled in by JavaScript, which bantin does not run."
        "Look for the site's feed, sitemap or API (`bantin add URL` tries them) and use it as `url`."
        "Trang được JavaScript dựng nội dung, mà bantin không chạy JavaScript."
        "Hãy tìm nguồn RSS, sitemap hoặc API của trang (`bantin add URL` sẽ thử) và dùng làm `url`."
    }
    Unreadable "H506" {
        "What the address answers is not the kind of source it was, or cannot be read as one."
        "Open the address: if the feed is gone, point `url` at the listing page or at the new feed; if it is broken, its publisher has to mend it."
        "Địa chỉ không còn trả về đúng loại nguồn như trước, hoặc không đọc được."
        "Hãy mở địa chỉ: nếu nguồn RSS không còn, trỏ `url` về trang danh sách hoặc nguồn mới; nếu bị hỏng, đơn vị phát hành cần sửa."
    }
    Selectors "H507" {
        "The section's selectors match nothing on the page: it was redesigned."
        "`bantin explain SECTION` shows what is recognised without them and proposes new ones; put them into `[section.SLUG.html]`, or take the table out."
        "Bộ chọn CSS của chuyên mục không khớp với gì trên trang: trang đã đổi giao diện."
        "`bantin explain CHUYÊN-MỤC` cho biết nhận dạng được gì khi không dùng chúng và đề xuất bộ chọn mới; hãy đưa vào `[section.SLUG.html]`, hoặc bỏ bảng đó."
    }
    Empty "H508" {
        "The page is there, but lists no article."
        "Open it: if it is empty there too, wait or ask the site's editors; if it shows articles, `bantin explain SECTION` tells what was dropped and why."
        "Trang vẫn mở được nhưng không liệt kê bài nào."
        "Hãy mở trang: nếu cũng trống, hãy chờ hoặc hỏi ban biên tập; nếu có bài, `bantin explain CHUYÊN-MỤC` cho biết đã bỏ gì và vì sao."
    }
    OtherList "H509" {
        "The address shows another list than the section's: hardly any of the known articles."
        "Nothing of it is taken in or pushed. If `url` leads elsewhere now, correct it. If this is the section's new content, decide with `bantin holds approve ID` (push what is fresh) or `seen ID` (record it, push nothing)."
        "Địa chỉ đang hiển thị một danh sách khác: hầu như không còn bài đã biết nào."
        "Không bài nào được nhận hay gửi đi. Nếu `url` dẫn đi nơi khác, hãy sửa lại. Nếu đây là nội dung mới của chuyên mục, hãy quyết định bằng `bantin holds approve ID` (gửi bài còn mới) hoặc `seen ID` (ghi nhận, không gửi)."
    }
    Addresses "H510" {
        "The articles stand under new addresses. They are recognised by their titles, and nothing is pushed again."
        "Nothing has to be done. If the old addresses are dead, the site's operator should redirect them."
        "Các bài nằm ở địa chỉ mới. bantin nhận ra theo tiêu đề và không gửi lại."
        "Không cần làm gì. Nếu địa chỉ cũ không còn hoạt động, đơn vị vận hành trang nên chuyển hướng chúng."
    }
    Fewer "H511" {
        "The list is much shorter than it has ever been."
        "Open the page: if articles are missing there, ask the site; if not, `bantin explain SECTION` tells what was dropped and proposes selectors."
        "Danh sách ngắn hơn hẳn mọi lần trước."
        "Hãy mở trang: nếu thiếu bài thật, hãy hỏi đơn vị vận hành trang; nếu không, `bantin explain CHUYÊN-MỤC` cho biết đã bỏ gì và đề xuất bộ chọn."
    }
    Pager "H512" {
        "The list's link to a next page, which was always there, is gone."
        "Older articles cannot be reached; new ones on the first page are read as ever. Open the page: if its pager is gone too, tell the site's operator."
        "Danh sách không còn liên kết sang trang kế tiếp như trước."
        "Không đọc được bài cũ; bài mới ở trang đầu vẫn được đọc. Hãy mở trang: nếu nút chuyển trang cũng mất, hãy báo đơn vị vận hành."
    }
    Dates "H513" {
        "The list's articles have lost their dates."
        "Look at the page: name the new place with `[section.SLUG.html] date` (and `article_date`). Until then dates come from the article pages, or are absent."
        "Các bài trong danh sách không còn ngày."
        "Hãy xem trang và chỉ ra vị trí mới bằng `[section.SLUG.html] date` (và `article_date`). Trước đó ngày được lấy từ trang bài, hoặc để trống."
    }
    Pictures "H514" {
        "The list's articles have lost their pictures."
        "Look at the page: name the new place with `[section.SLUG.html] image`."
        "Các bài trong danh sách không còn ảnh."
        "Hãy xem trang và chỉ ra vị trí mới bằng `[section.SLUG.html] image`."
    }
    Titles "H515" {
        "The titles in the list have turned into something else."
        "Look at the page: name the new place with `[section.SLUG.html] title`. Until then no known article is changed."
        "Tiêu đề trong danh sách đã biến thành thứ khác."
        "Hãy xem trang và chỉ ra vị trí mới bằng `[section.SLUG.html] title`. Trước đó không bài đã biết nào bị thay đổi."
    }
    Garbled "H516" {
        "The titles are garbled: the page's encoding is declared wrongly or broken."
        "Tell the site's operator: the page has to be sent as UTF-8 and say so. Until then nothing of it is taken in."
        "Tiêu đề bị vỡ chữ: trang khai báo sai bảng mã hoặc bị lỗi mã hóa."
        "Hãy báo đơn vị vận hành: trang cần gửi dạng UTF-8 và khai báo đúng. Trước đó không bài nào được nhận."
    }
    Articles "H517" {
        "The newest articles were read without something that articles here always have."
        "`bantin explain ARTICLE` shows how one of them was read; name the new place with `[section.SLUG.html] body`, `article_date` and the like."
        "Các bài mới nhất được đọc thiếu một phần mà bài ở đây luôn có."
        "`bantin explain BÀI` cho thấy một bài được đọc thế nào; hãy chỉ ra vị trí mới bằng `[section.SLUG.html] body`, `article_date`…"
    }
    Stale "H518" {
        "The source has brought nothing new for longer than expected."
        "Open the page: if it shows newer articles, `bantin explain SECTION` tells why they are not taken. If it is really quiet, set a longer `expect_every`, or `\"off\"`."
        "Nguồn không có bài mới lâu hơn mức chờ đợi."
        "Hãy mở trang: nếu có bài mới hơn, `bantin explain CHUYÊN-MỤC` cho biết vì sao không được nhận. Nếu thật sự không có tin, hãy đặt `expect_every` dài hơn, hoặc `\"off\"`."
    }
    NextPage "H519" {
        "The list's next page, which was always there, fails."
        "Older articles cannot be reached; new ones on the first page are read as ever. Open the page and try its pager; tell the site's operator."
        "Trang kế tiếp của danh sách, vốn luôn có, nay bị lỗi."
        "Không đọc được bài cũ; bài mới ở trang đầu vẫn được đọc. Hãy mở trang và thử nút chuyển trang; báo đơn vị vận hành."
    }
}

impl Code {
    /// The code that is written so, in any case.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.text().eq_ignore_ascii_case(text))
    }

    /// Whether the look as a whole fails by it: one at a time can be the matter.
    pub fn is_failure(self) -> bool {
        self <= Self::Empty
    }

    /// Whether nothing of the list is taken in while it lasts.
    pub fn keeps_out(self) -> bool {
        matches!(self, Self::Unreadable | Self::OtherList | Self::Garbled)
    }

    /// Whether what the listing says of known articles cannot be believed while it lasts.
    pub fn freezes(self) -> bool {
        matches!(self, Self::OtherList | Self::Titles | Self::Garbled)
    }

    /// Whether it may become the new usual when it stays.
    pub fn may_stay(self) -> bool {
        matches!(
            self,
            Self::Addresses
                | Self::Fewer
                | Self::Pager
                | Self::NextPage
                | Self::Dates
                | Self::Pictures
                | Self::Titles
                | Self::Articles
        )
    }
}
