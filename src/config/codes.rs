//! The codes of configuration errors: short, stable, and each with a sentence that holds for every case of it.

macro_rules! codes {
    ($($name:ident $text:literal $meaning:literal $vietnamese:literal;)*) => {
        /// A code; the first digit says which look found it: 1 at the file's text, 2 at one value, 3 at values together,
        /// 5 at what is around it (`check` without `--offline`); 4 is a warning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// `E103`.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// The same in Vietnamese.
            pub fn vietnamese(self) -> &'static str {
                match self { $(Self::$name => $vietnamese,)* }
            }

            /// The code that is written so, in any case.
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.text().eq_ignore_ascii_case(text))
            }
        }
    };
}

codes! {
    Syntax "E101" "The file is not valid TOML at this place."
        "Tệp không đúng cú pháp TOML ở chỗ này.";
    Duplicate "E102" "A key or table is given twice; TOML allows it once."
        "Một khóa hoặc bảng được khai báo hai lần; TOML chỉ cho phép một lần.";
    UnknownKey "E103" "bantin knows no such key in this table."
        "bantin không biết khóa nào như vậy trong bảng này.";
    WrongType "E104" "The key is known, but its value is of another kind."
        "Khóa đúng, nhưng giá trị thuộc loại khác.";
    MissingKey "E105" "A key that has no default is not given."
        "Thiếu một khóa không có giá trị mặc định.";
    UnknownWord "E106" "The key takes one of a few words, and this is none of them."
        "Khóa chỉ nhận một trong vài từ, và đây không phải từ nào trong số đó.";
    Unreadable "E107" "The file, or a file it names, cannot be read."
        "Không đọc được tệp, hoặc một tệp mà nó nêu tên.";
    Zone "E201" "Not the name of a time zone in the IANA database."
        "Không phải tên múi giờ trong cơ sở dữ liệu IANA.";
    Schedule "E202" "Not a cron line or interval that ever fires."
        "Không phải dòng cron hoặc khoảng thời gian có lúc nào xảy ra.";
    Quiet "E203" "Not a part of the day."
        "Không phải một khoảng trong ngày.";
    Duration "E204" "Not a length of time."
        "Không phải một khoảng thời gian.";
    Address "E205" "Not an address (URL) of the kind that is needed here."
        "Không phải địa chỉ (URL) thuộc loại cần ở đây.";
    Range "E206" "A number outside of what makes sense here."
        "Số nằm ngoài khoảng hợp lý ở đây.";
    Selector "E207" "Not a CSS selector."
        "Không phải bộ chọn CSS.";
    Mailbox "E208" "Not an e-mail address."
        "Không phải địa chỉ thư điện tử.";
    Rate "E209" "Not a rate of sending."
        "Không phải một tốc độ gửi.";
    Relay "E210" "Not the address of an SMTP relay."
        "Không phải địa chỉ máy chủ chuyển thư SMTP.";
    Chat "E211" "Not a Telegram chat."
        "Không phải nhóm hoặc kênh Telegram.";
    Listen "E212" "Not an address and port to listen on, or not an IP address."
        "Không phải địa chỉ và cổng để lắng nghe, hoặc không phải địa chỉ IP.";
    Slug "E213" "Not usable as a slug, the part of an address that names a section."
        "Không dùng được làm slug, phần của địa chỉ đặt tên cho chuyên mục.";
    Size "E214" "Not a number of bytes."
        "Không phải số byte.";
    Filter "E215" "Not a keyword or regular expression."
        "Không phải từ khóa hoặc biểu thức chính quy.";
    JsonPath "E216" "Not a path into JSON, or not a template of an address."
        "Không phải đường dẫn trong JSON, hoặc không phải mẫu địa chỉ.";
    Dkim "E217" "Not a key, domain or selector to sign mail with (DKIM)."
        "Không phải khóa, tên miền hoặc selector để ký thư (DKIM).";
    Hashtag "E218" "Not a hashtag."
        "Không phải thẻ hashtag.";
    TemplateName "E219" "Not the name of a template."
        "Không phải tên của một mẫu.";
    Template "E220" "A template cannot be used: it is not there, or what it says is no template."
        "Không dùng được một mẫu: mẫu không có, hoặc nội dung không đúng cú pháp.";
    Reserved "E301" "The slug is reserved for the feeds of all sections."
        "Slug này dành riêng cho nguồn tin của mọi chuyên mục.";
    SlugTwice "E302" "Two sections claim the same slug, now or formerly."
        "Hai chuyên mục cùng nhận một slug, hiện nay hoặc trước đây.";
    Translation "E303" "The section named as the other language is not there, or not in another language."
        "Chuyên mục được nêu là bản ngôn ngữ kia không tồn tại, hoặc không ở ngôn ngữ khác.";
    SecretTwice "E305" "A secret is given in two ways at once."
        "Một bí mật được khai báo theo hai cách cùng lúc.";
    DigestWithoutSlot "E306" "A digest needs to know when it is posted."
        "Bản tổng hợp cần biết được đăng lúc nào.";
    Misplaced "E307" "The key belongs to another table."
        "Khóa này thuộc bảng khác.";
    OneClick "E308" "Bulk mail needs a way to leave with one click, by https."
        "Thư gửi hàng loạt cần cách hủy nhận bằng một lần bấm, qua https.";
    Unsigned "E309" "Nobody signs the mails (DKIM), so that receivers would refuse them."
        "Không ai ký thư (DKIM), nên nơi nhận sẽ từ chối.";
    PersonalSender "E310" "The sender's domain is for personal mailboxes; bulk mail under it is refused."
        "Tên miền của người gửi dành cho hộp thư cá nhân; thư hàng loạt dưới tên đó bị từ chối.";
    NoPostal "E311" "Bulk mail has to carry the postal address of its sender."
        "Thư gửi hàng loạt phải có địa chỉ bưu chính của nơi gửi.";
    PlainHttp "W401" "Links in mails would be unencrypted."
        "Liên kết trong thư sẽ không được mã hóa.";
    NoToken "W402" "Posts are configured, but no bot to send them."
        "Có cấu hình đăng bài, nhưng không có bot để gửi.";
    NoSection "W403" "No section is configured, so nothing will be read."
        "Chưa có chuyên mục nào, nên sẽ không đọc gì.";
    PlainLogin "W404" "A password may travel unencrypted."
        "Mật khẩu có thể đi qua mạng mà không được mã hóa.";
    ProxyUnknown "W405" "A proxy stands in front of bantin and is not among `trusted_proxies`: all readers look like one."
        "Có proxy đứng trước bantin nhưng không nằm trong `trusted_proxies`: mọi độc giả trông như một người.";
    Port "E501" "The address to listen on cannot be had."
        "Không lắng nghe được ở địa chỉ đã cấu hình.";
    Folder "E502" "A folder that bantin writes to cannot be written."
        "Không ghi được vào một thư mục mà bantin cần ghi.";
    Database "E503" "The database cannot be used."
        "Không dùng được cơ sở dữ liệu.";
    BotToken "E504" "Telegram does not accept the bot's token, or cannot be asked."
        "Telegram không chấp nhận mã của bot, hoặc không hỏi được Telegram.";
    ChatRights "E505" "The bot may not post in a chat that is named."
        "Bot không được đăng bài trong một nhóm hoặc kênh đã nêu.";
    RelayLogin "E506" "A relay cannot be reached, or does not take the login."
        "Không kết nối được máy chủ chuyển thư, hoặc máy chủ không chấp nhận đăng nhập.";
    InboxLogin "E507" "The mailbox of bounces cannot be opened."
        "Không mở được hộp thư nhận thư trả lại.";
    SourceFails "E508" "A section's source yields nothing now."
        "Nguồn của một chuyên mục hiện không cho bài nào.";
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_is_its_own() {
        let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| code.meaning().ends_with('.') && code.vietnamese().ends_with('.')));
    }
}
