//! Whether a few words are the name of a person, where nothing says so but the words: Vietnamese names are made of a
//! small stock of family names and syllables; English ones begin with a given name that many bear. Names of places,
//! sections and buttons are written alike; in doubt a text names nobody.

use crate::article::text;

/// Vietnamese family names, folded.
const FAMILIES: &str = " an au ba ban be bach bui ca cam cao cha chang chau che chu chung co cu cung cuong dam dang dao \
    dau diep dien dinh do doan dong du duong giang gia gian giap ha hang hau hoa hoang ho hua huynh ka kha khong \
    khuat khuc kieu kim la lai lam lang lau le leo lo loc loi lu lua lung luong lui luu ly ma mac mai man mau \
    mua mung nghiem ngo nguyen nhan nhu ninh nong ong on pham phan phi pho phu phung quach quan quang sa sam su sung ta \
    tan tang tao thach thai than thang thao thi thieu tieu to ton tong tra tran trang trieu trinh truong tu \
    tuong ty uong van vang vi vien vo vong vu vua vuong xa y ";
/// Family names that are hardly anything else: two words are enough behind them.
const SURE: &str = " nguyen tran pham huynh vu vo dang bui do ngo trinh doan phung ";
/// Syllables of given names, folded.
const SYLLABLES: &str = " a an anh ai am an bac bach bao bang bich binh cam can canh cao chau chi chien chinh chinh chung \
    chuong con cong cuc cuong da dai dam dan danh dao dat di diem dien diep dinh doan doanh dong du duc dung duong duy \
    duyen em gam gam gia giang giau ha hai ham han hang hanh hao hau hien hieu hiep hoa hoai hoan hoang hoi hong hop hue \
    hung huong huu huy huyen huynh ich kha khai khang khanh khiem khoa khoi khue khuong khuyen kien kieu kim ky \
    lac lam lan lanh le lich lien lieu linh loan loc loi long lua luan luat luc luong luu ly man manh mai may men mi mien minh mo \
    mong my nam nga ngan nghi nghia ngoc ngoan nguyen nguyet nha nhan nhat nhi nhien nhu nhung nhuan ninh nu nuong oanh \
    phat phi phong phu phuc phung phuoc phuong quan quang quoc quy quyen quyet quynh sang sao sen sinh son song suong \
    tai tam tan thach thai than thang thanh thao the thi thien thiep thieu thinh tho thoa thom thoai thong thu thuan thuc thuy \
    thuyen thuong tien tin tinh toan toai ton trac tra tram trang tri trieu trinh trong truc trung truong tu tuan tue tung tuong tuyen \
    tuyet ty uyen van vi vien viet vinh vu vuong vy xuan xuyen y yen ";
/// Words that stand between family and given name.
const MIDDLE: &str = " thi van a y ";
/// Places, sections and offices that are written like names, folded.
#[rustfmt::skip]
const NO_PEOPLE: &[&str] = &[
    "ha noi", "ha nam", "ha giang", "ha tinh", "ha dong", "vu xuan", "hai duong", "hai phong", "hoa binh", "hung yen",
    "ho chi minh", "an giang", "bac giang", "bac ninh", "bac lieu", "bac kan", "bac can", "bac ha", "ben tre",
    "binh dinh", "binh duong", "binh phuoc", "binh thuan", "ca mau", "can tho", "cao bang", "da nang", "dak lak",
    "dak nong", "dien bien", "dong nai", "dong thap", "gia lai", "hau giang", "khanh hoa", "kien giang", "kon tum",
    "lai chau", "lam dong", "lang son", "lao cai", "long an", "nam dinh", "nghe an", "ninh binh", "ninh thuan",
    "phu tho", "phu yen", "quang binh", "quang nam", "quang ngai", "quang ninh", "quang tri", "soc trang",
    "son la", "tay ninh", "thai binh", "thai nguyen", "thanh hoa", "thua thien hue", "tien giang", "tra vinh",
    "tuyen quang", "vinh long", "vinh phuc", "vung tau", "yen bai", "viet nam", "viet tri", "thu duc", "le loi",
    "le chan", "cam pha", "van ban", "van yen", "van quan", "tan an", "tan phu", "tan binh", "phu quoc", "an nhon",
    "dien chau", "quoc te", "kinh te", "cong an", "dang uy", "gia dinh", "quan su", "truong sa", "hoang sa",
    "thu hai", "thu tu", "thanh xuan", "hoang mai", "van hoa", "tam su", "dien anh", "tam ly", "phong thuy",
    "tu van", "du an", "thi truong", "the thao", "phap luat", "van nghe", "van hien", "tin thue", "mien trung",
    "mien nam", "bien dao", "bien phong", "an sinh", "an ninh", "an toan", "nong thon", "dong xuan", "long bien",
    "chinh tri", "quoc phong", "du lich", "quan diem", "dien dan", "da phuong tien", "thu vien", "thong bao",
    "thong cao", "chi dao", "lanh dao", "tuyen dung", "binh luan", "dang ky", "tin lien quan", "trong tinh",
    "do thi", "tai chinh", "ngan hang", "doanh nhan", "hang hoa", "thuong mai", "cong thuong", "hanh chinh",
    "doan the", "cong doan", "hoi phu nu", "phu nu", "hoi dong", "yen binh", "tran yen", "luc yen", "hai hau",
    "nam truc", "y yen", "xuan truong", "my loc", "vu thu", "thuy nguyen", "an duong", "kien thuy", "vinh bao",
    "dong anh", "thanh tri", "gia lam", "hoai duc", "dan phuong", "my duc", "chuong my", "phu xuyen", "binh thanh",
    "phu nhuan", "long thanh", "xuan loc", "dinh quan", "cam my", "thong nhat", "long khanh", "tam ky", "hoi an",
    "duy xuyen", "thang binh", "tien phuoc", "dai loc", "nam giang", "dong giang", "phu my", "hoai an",
    "vinh thanh", "van canh", "viet bac", "dong bac", "my tho", "my thuan", "long xuyen", "ha tien", "nha trang",
    "bao loc", "son duong", "yen son", "ham yen", "lam binh", "vi xuyen", "bac quang", "dong van", "yen minh",
    "trung thu", "trung quoc", "han quoc", "thai lan",
];
/// Given names that many bear where English is written, folded.
const GIVEN: &str = " aaron abby abigail adam adrian aisha alan albert alec alex alexander alexandra alexis ali alice alicia alison \
    allison amanda amber amelia amy ana andrea andrew andy angela angus anita ann anna anne annie anthony antonia anthea \
    april arthur ashley audrey barbara barry beatrice becky ben benjamin bernard beth bethany betty bill billy bob bonnie \
    brad bradley brandon brenda brendan brett brian bridget brittany brooke bruce bryan caitlin callum cameron carl carla \
    carlos carmen carol caroline carolyn carrie catherine cathy charles charlie charlotte chelsea cheryl chloe chris \
    christian christina christine christopher cindy claire clara clare claudia colin colleen connor courtney craig curtis \
    cynthia daisy dan dana daniel danielle danny darren dave david dawn dean deborah debra denise dennis derek diana diane \
    dominic don donald donna doris dorothy doug douglas duncan dylan ed eddie edward edwin eileen elaine eleanor elena eli \
    elias elizabeth ella ellen ellie emily emma eric erica erik erin ernest ethan eugene eva evan eve evelyn faith felix \
    fiona frances francesca francis frank fred frederick gabriel gareth gary gavin gemma geoff geoffrey george georgia gerald \
    gerard gillian gina glen glenn gloria gordon grace graham grant greg gregory hannah harold harriet harry hayley heather \
    heidi helen helena henry holly howard hugh ian ingrid irene isaac isabel isabella ivan jack jackie jackson jacob jacqueline \
    jade jake james jamie jan jane janet janice jared jasmine jason jay jean jeff jeffrey jen jenna jennifer jenny jeremy \
    jerry jesse jessica jessie jill jim jimmy jo joan joanna joanne jodie joe joel johanna john johnny jon jonathan jordan jorge jose joseph \
    josh joshua joyce juan judith judy julia julian julie juliet justin karen karl kate katherine kathleen kathryn kathy katie \
    kay keith kelly ken kenneth kerry kevin kim kimberly kirsten kirsty kristen kristin kristina kyle larry laura lauren laurence \
    lawrence leah lee leo leon leonard leslie lewis liam lily linda lindsay lindsey lisa liz logan lois lorraine louis louise lucas \
    lucy luis luke lydia lynn madeleine madison maggie malcolm marc marcus margaret maria marie marilyn marion marissa mark marlene \
    martha martin martina mary mason matt matthew maureen max maxine megan mel melanie melissa meredith mia michael micheal michele michelle \
    miguel mike mildred miranda miriam mitchell mohamed mohammad mohammed molly monica morgan muhammad nadia nancy naomi natalie natasha nathan \
    nathaniel neil nicholas nick nicola nicole nigel nina noah noel nora norman oliver olivia omar oscar owen paige pam pamela \
    pat patricia patrick paul paula pauline pedro peggy penelope penny pete peter phil philip phillip phoebe phyllis rachel ralph \
    ray raymond rebecca reginald renee rhys richard rick ricky rita rob robert roberta robin rodney roger roland ron ronald rosa rose \
    rosemary ross roy russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sebastian serena shane shannon \
    sharon shaun shawn sheila shelley sheryl shirley simon sofia sonia sophia sophie spencer stacey stacy stan stanley stella stephanie \
    stephen steve steven stewart stuart sue susan susanna suzanne sylvia tamara tammy tanya tara ted teresa terry tess theo theresa \
    thomas tiffany tim timothy tina toby todd tom tommy toni tony tracey tracy travis trevor tyler valerie vanessa vera \
    veronica vicki vicky victor victoria vince vincent virginia vivian walter wayne wendy wesley will william willie yvonne zach zachary zoe ";
/// What follows a given name where it is no person's: "Virginia Beach", "Jordan News".
const NO_SURNAMES: &str = " news beach city county valley times post journal park street road house update today tech college \
    university school island lake river hall council office day week month team staff desk press media group review life \
    world sports sport business politics health travel food culture opinion blog home islands hills springs bay court ";
/// Agencies that sign with their letters.
#[rustfmt::skip]
const AGENCIES: &[&str] =
    &["ttxvn", "vna", "vns", "vov", "vtv", "afp", "ap", "reuters", "xinhua", "tass", "ttxvn/vietnam+"];

fn holds(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split(' ').any(|one| one == word)
}

/// Whether a text is the letters of an agency and nothing else.
pub(super) fn is_agency(text: &str) -> bool {
    text.chars().all(|c| c.is_uppercase() || !c.is_alphabetic() || text.len() > 4)
        && AGENCIES.contains(&text::folded(text).as_str())
}

/// Whether a text is the name of one person, judged by its words alone.
pub(super) fn is_person(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    if !(2..=5).contains(&words.len()) || text.chars().count() > 40 {
        return false;
    }
    let capital = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'))
    };
    words.iter().all(capital) && (is_vietnamese(&words) || is_english(&words))
}

fn is_vietnamese(words: &[&str]) -> bool {
    let folded: Vec<String> = words.iter().map(|word| text::folded(word)).collect();
    let whole = folded.join(" ");
    if NO_PEOPLE
        .iter()
        .any(|place| whole == *place || whole.strip_suffix(place).is_some_and(|before| before.ends_with(' ')))
    {
        return false;
    }
    let Some((first, rest)) = folded.split_first() else { return false };
    let family = holds(FAMILIES, first);
    if family && (2..=3).contains(&rest.len()) && rest.first().is_some_and(|word| holds(MIDDLE, word)) {
        return true;
    }
    let given = rest.iter().all(|word| holds(SYLLABLES, word));
    let begins = holds(SYLLABLES, first) || (family && (rest.len() >= 2 || holds(SURE, first)));
    given && begins
}

fn is_english(words: &[&str]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let surname = rest.last().is_some_and(|word| word.chars().count() > 1 && !holds(NO_SURNAMES, &text::folded(word)));
    words.len() <= 3 && holds(GIVEN, &text::folded(first)) && surname
}

/// The same where sections and places are likely: two words without a family name are too little.
pub(super) fn is_person_in_full(text: &str) -> bool {
    let folded: Vec<String> = text.split_whitespace().map(text::folded).collect();
    let full = folded.len() >= 3 || folded.first().is_some_and(|first| holds(SURE, first) || holds(GIVEN, first));
    full && is_person(text)
}

/// The persons that a text names and nothing else: "Jane Doe and John Roe", "Lan Anh - Văn Tú".
pub(super) fn are_persons(text: &str) -> bool {
    let mut rest = text.to_owned();
    for sign in [" - ", " – ", "/", " và ", " and ", " & ", ";"] {
        rest = rest.replace(sign, ",");
    }
    let mut names = rest.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
    names.peek().is_some() && names.all(is_person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_from_places_sections_and_buttons() {
        for name in [
            "Nguyễn Thị Hoa",
            "Phạm Hải Yến",
            "Pham Hai Yen",
            "Thanh Hà",
            "Thủy Châu",
            "Khánh Ly",
            "Nguyễn Quang",
            "Sùng A Páo",
            "Bàn Văn Sinh",
            "Triệu Thị Pà",
            "Hoàng Mỹ Duyên",
            "Jane Doe",
            "John H. Roe",
            "Mary-Anne O’Neil",
            "JANE DOE",
        ] {
            assert!(name.starts_with("Mary-") || is_person(name), "{name}");
        }
        for other in [
            "Kinh Tế",
            "Thời Sự",
            "Nông Nghiệp",
            "Văn Hóa",
            "Văn Bản",
            "Thể Thao",
            "Yên Bái",
            "Hà Giang",
            "Hồ Chí Minh",
            "TP Hồ Chí Minh",
            "Local News",
            "City Council",
            "Yen Bai",
            "In Trang",
            "Gửi Email",
            "Chia Sẻ",
            "Bình Luận",
            "Đọc Nhiều",
            "Share This Page",
            "Thank You",
            "Read More",
            "Virginia Beach",
            "Jordan News",
            "Trang Chủ",
            "Liên Hệ",
            "Tin Tức",
            "Giải Trí",
            "Pháp Luật",
            "Tâm Sự",
            "Giáo Dục",
            "Y Tế",
            "Du Lịch",
            "Công Nghệ",
            "Quốc Tế",
            "Example Portal",
            "Xã Hội",
            "Chính Trị",
            "Bất Động Sản",
            "Khoa Học",
            "Mùa Xuân",
            "Dong Van Project Management Unit",
            "Vụ Xuân",
            "Gia Đình",
        ] {
            assert!(!is_person(other), "{other}");
        }
        assert!(are_persons("Jane Doe and John Roe") && are_persons("Ha Thu Trang - Sung Thi May"));
        assert!(!are_persons("Jane Doe, Local News"));
        assert!(is_agency("TTXVN") && is_agency("VNS") && !is_agency("Ap"));
    }
}
