//! Articles as the test site publishes them: Vietnamese, each with a number by which it is recognised
//! wherever it arrives.

/// An article of the test site.
#[derive(Debug, Clone)]
pub struct Article {
    /// Its number: part of the address and the title.
    pub number: usize,
    /// The title; [`number_in`] finds the number in it.
    pub title: String,
    /// The lead.
    pub lead: String,
    /// Paragraphs of the body, as HTML.
    pub body: Vec<String>,
    /// Whether it has a picture.
    pub picture: bool,
    /// Minutes before the site's present moment at which it was published.
    pub age_minutes: i64,
    /// Taken off the site: 410, and absent from the listing.
    pub withdrawn: bool,
}

impl Article {
    /// The article of that number, published as many minutes ago as its number counts down from a thousand.
    pub fn new(number: usize) -> Self {
        Self {
            number,
            title: format!("Bản tin số {number:04}: Lũ trên sông Hương lên nhanh, người dân Huế được sơ tán"),
            lead: format!("Sáng nay, mực nước tại trạm Kim Long vượt báo động {}.", number % 3 + 1),
            body: vec![
                "Theo Đài Khí tượng Thủy văn, mưa lớn còn kéo dài đến hết ngày mai trên toàn tỉnh.".into(),
                format!("Đến 10 giờ, {} hộ dân vùng thấp trũng đã được đưa đến nơi an toàn.", number + 100),
                "Chính quyền yêu cầu các chủ hồ vận hành điều tiết \u{201c}đúng quy trình\u{201d} & thông báo sớm."
                    .replace('&', "&amp;"),
                "Lực lượng quân đội, công an và thanh niên tình nguyện túc trực tại các điểm xung yếu suốt đêm.".into(),
            ],
            picture: false,
            age_minutes: 1000 - i64::try_from(number % 1000).unwrap_or(0),
            withdrawn: false,
        }
    }

    /// The same with a picture.
    pub fn with_picture(mut self) -> Self {
        self.picture = true;
        self
    }
}

/// The number of the article that a text speaks of.
pub fn number_in(text: &str) -> Option<usize> {
    let after = text.split("Bản tin số ").nth(1)?;
    after.get(..4)?.parse().ok()
}
