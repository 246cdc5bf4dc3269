//! The table of dates: what a text means, or that it means none. Read on Thursday, 1 August 2019, 12:00 in
//! Việt Nam.

mod afresh;
mod clocks;
mod spoken;
mod traps;
mod typed;

use super::*;

pub(super) fn options() -> Options {
    Options {
        language: Language::Vi,
        timezone: chrono_tz::Asia::Ho_Chi_Minh,
        order: DateOrder::Dmy,
        now: "2019-08-01T12:00:00+07:00".parse().unwrap(),
    }
}

/// Compares a table with what is read; all faults at once.
fn check(table: &[(&str, &str)], options: &Options) {
    let faults: Vec<String> = table
        .iter()
        .filter_map(|(text, expected)| {
            let read = parse(text, options).map_or_else(|| "-".to_owned(), Moment::to_text);
            (read != *expected).then(|| format!("{text:60} {read}, not {expected}"))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

const MINUTE: &str = "2019-07-08T14:35:00+07:00";
const DAY: &str = "2019-07-08";

#[test]
fn numeric_layouts() {
    check(
        &[
            ("14:35, 08/07/2019", MINUTE),
            ("08/07/2019 - 14:35", MINUTE),
            ("08/07/2019 14:35", MINUTE),
            ("14:35 08/07/2019", MINUTE),
            ("08/07/2019, 14:35", MINUTE),
            ("08/07/2019 | 14:35", MINUTE),
            ("14:35' 08/07/2019", MINUTE),
            ("14:35 ngày 08-07-2019", MINUTE),
            ("08/07/2019 02:35 PM", MINUTE),
            ("08/07/2019 14:35:00", MINUTE),
            ("(08/07/2019)", DAY),
            ("08-07-2019-14:35", MINUTE),
            ("08 / 07 / 2019", DAY),
            ("8.7.2019", DAY),
            ("08.07.2019", DAY),
            ("08/07/19", DAY),
            ("08/07/19 14:35", MINUTE),
            ("2019/07/08 14:35", MINUTE),
            ("25/05/2019", "2019-05-25"),
            ("05/25/2019", "2019-05-25"),
            ("08/07/2019 12:05 SA", "2019-07-08T00:05:00+07:00"),
            ("08/07/2019 12:05 CH", "2019-07-08T12:05:00+07:00"),
            ("08/07/2019 02:35 CH", MINUTE),
            ("02:35 CH 08/07/2019", MINUTE),
            ("14h35, ngày 8/7/2019", MINUTE),
            ("14h35 ngày 8/7/2019", MINUTE),
            ("14h35' ngày 8/7/2019", MINUTE),
            ("14g35 - 8/7/2019", MINUTE),
            ("14 giờ 35 phút, ngày 8/7/2019", MINUTE),
            ("2 giờ 35 phút chiều 8/7/2019", MINUTE),
            ("14h 08/07/2019", "2019-07-08T14:00:00+07:00"),
            // 8 December and 12 August both lie ahead
            ("08/12/2019", "-"),
            ("12/08/2019", "-"),
            // 7 September lies ahead, 9 July does not
            ("07/09/2019", "2019-07-09"),
        ],
        &options(),
    );
}

#[test]
fn layouts_with_weekdays_and_frames() {
    check(
        &[
            ("Thứ hai - 08/07/2019 14:35", MINUTE),
            ("Thứ hai, 8/7/2019, 14:35 (GMT+7)", MINUTE),
            ("Thứ hai, 08/07/2019 14:35 (GMT+7)", MINUTE),
            ("Thứ hai, 08/07/2019, 14:35 GMT+7", MINUTE),
            ("Thứ 2, 08/07/2019 | 14:35", MINUTE),
            ("T2, 08/07/2019 14:35", MINUTE),
            ("CN, 07/07/2019", "2019-07-07"),
            ("Chủ nhật, 7/7/2019", "2019-07-07"),
            ("CHỦ NHẬT, 07/07/2019 - 08:05", "2019-07-07T08:05:00+07:00"),
            ("Thu hai, 08/07/2019", DAY),
            ("THỨ HAI, 08/07/2019", DAY),
            ("Thứ Hai, ngày 08/07/2019 14:35 PM (GMT+7)", MINUTE),
            ("Monday, 08/07/2019 14:35", MINUTE),
            ("Thứ hai ngày 8 tháng 7 năm 2019", DAY),
            ("lúc 14:35:00 Thứ Hai, 8 tháng 7 2019", MINUTE),
            ("Cập nhật lúc 14:35, 08/07/2019", MINUTE),
            ("Cập nhật: 08/07/2019 14:35", MINUTE),
            ("(Cập nhật 08/07/2019 14:35)", MINUTE),
            ("Lượt xem: 7370 | Gửi lúc: 14:35, 08/07/2019", MINUTE),
            ("Lượt xem: 7370 | Gửi lúc: 08/07/2019 14:35:00", MINUTE),
            ("Ngày đăng: 08/07/2019 - Lượt xem: 1.234", DAY),
            ("Đăng lúc: Thứ hai - 08/07/2019 14:35 - Người đăng bài viết: admin", MINUTE),
            ("Đăng lúc 14:35 08/07/2019 - Cập nhật lúc 09:00 09/07/2019", MINUTE),
            ("Cập nhật 09/07/2019 09:00 | Xuất bản 08/07/2019 14:35", MINUTE),
            ("Bình Phước, ngày 8 tháng 7 năm 2019", DAY),
            ("Published: July 8, 2019 2:35 PM | Updated: July 9, 2019 8:00 AM", MINUTE),
            // the weekday settles which number is the month
            ("Monday, 07/08/2019", DAY),
            ("Thứ hai, 07/08/2019 14:35", MINUTE),
            // ASP.NET writes month first, with seconds and AM or PM
            ("7/8/2019 2:35:00 PM", MINUTE),
            ("5/25/2019 2:35:00 PM", "2019-05-25T14:35:00+07:00"),
            ("10/11/2018 10:35:00 AM", "2018-10-11T10:35:00+07:00"),
        ],
        &options(),
    );
}

#[test]
fn worded_layouts() {
    check(
        &[
            ("ngày 08 tháng 7 , 2019", DAY),
            ("8 tháng 7, 2019", DAY),
            ("8 tháng 7 năm 2019, 14:35", MINUTE),
            ("08 tháng 07 năm 2019", DAY),
            ("8 thg 7 2019", DAY),
            ("8 thg 7, 2019", DAY),
            ("08 Th7, 2019", DAY),
            ("8 Tháng Bảy, 2019", DAY),
            ("Tháng Bảy 8, 2019", DAY),
            ("25 Tháng Mười Hai, 2018", "2018-12-25"),
            ("5 Tháng Năm, 2019", "2019-05-05"),
            ("ngày 8, tháng 7, năm 2019", DAY),
            ("Tháng 7 8, 2019", DAY),
            ("July 8, 2019 2:35 PM", MINUTE),
            ("July 8, 2019 at 2:35 p.m.", MINUTE),
            ("8 July 2019", DAY),
            ("8th July 2019", DAY),
            ("July 8th, 2019", DAY),
            ("8th of July, 2019", DAY),
            ("Jul. 8, 2019", DAY),
            ("JULY 8, 2019", DAY),
            ("Mon, July 8 2019, 14:35 ICT", MINUTE),
            ("Oct 7 2018", "2018-10-07"),
            ("Sept. 7, 2018", "2018-09-07"),
            ("8-Jul-2019", DAY),
            ("2019 July 8", DAY),
            ("Monday 8 July 2019 14.35", DAY),
            ("Posted on July 8, 2019 by admin", DAY),
            ("By Jane Doe | July 8, 2019 | 3 comments", DAY),
            ("Mon Jul  8 14:35:00 2019", MINUTE),
            ("Mon Jul 08 2019 14:35:00 GMT+0700 (Indochina Time)", MINUTE),
            ("Mon Jul  8 14:35:00 +07 2019", MINUTE),
            ("July 8, 2019 2:35 a.m. EDT", "2019-07-08T02:35:00-04:00"),
            ("July 8, 2019 2:35 AM ET", "2019-07-08T02:35:00-04:00"),
            // a zone of several meanings leaves the day
            ("July 8, 2019 2:35 AM XYZT", DAY),
        ],
        &options(),
    );
}

#[test]
fn machines() {
    check(
        &[
            ("2019-07-08", DAY),
            ("20190708", DAY),
            ("2019-07-08T14:35:00+07:00", MINUTE),
            ("2019-07-08T14:35:00+0700", MINUTE),
            ("2019-07-08T14:35+07", MINUTE),
            ("2019-07-08T14:35:00.123+07:00", MINUTE),
            ("2019-07-08 14:35:00", MINUTE),
            ("2019-07-08 14:35", MINUTE),
            ("2019-07-08T14:35:00", MINUTE),
            ("2019-07-08T07:35:00Z", "2019-07-08T07:35:00Z"),
            ("2019-07-08t07:35:00.000z", "2019-07-08T07:35:00Z"),
            ("2019-07-08 07:35:00 UTC", "2019-07-08T07:35:00Z"),
            ("2019-07-08 14:35:00 +0700", MINUTE),
            ("2019-07-08 14:35:00 GMT+7", MINUTE),
            ("2019-07-08T14:35:00 07:00", MINUTE),
            ("2019-07-08T14:35:00+07:00[Asia/Ho_Chi_Minh]", MINUTE),
            ("2019-07-08 14:35:00 Asia/Ho_Chi_Minh", MINUTE),
            ("20190708T143500+0700", MINUTE),
            ("20190708143500", MINUTE),
            ("2019-W28-1", DAY),
            ("2019-189", DAY),
            ("1562571300", MINUTE),
            ("1562571300000", MINUTE),
            ("/Date(1562571300000)/", MINUTE),
            ("/Date(1562571300000+0700)/", MINUTE),
            ("Mon, 08 Jul 2019 14:35:00 +0700", MINUTE),
            ("Mon, 8 Jul 2019 07:35:00 GMT", "2019-07-08T07:35:00Z"),
            ("Mon, 08 Jul 2019 14:35:00 ICT", MINUTE),
            ("08 Jul 2019 02:35 EST", "2019-07-08T02:35:00-05:00"),
            ("Monday, 08-Jul-19 07:35:00 GMT", "2019-07-08T07:35:00Z"),
            // NukeViet: the zone where the T should stand
            ("2019-07-08+0714:35:00", MINUTE),
            ("2019-07-08+07:0014:35:00", MINUTE),
            ("2019-07-08UTC07:35:00", "2019-07-08T07:35:00Z"),
            // before 13 June 1975 the zone was +08
            ("1975-04-30 11:30", "1975-04-30T11:30:00+08:00"),
        ],
        &options(),
    );
}

#[test]
fn without_a_year() {
    check(
        &[
            ("Ngày 8-7", DAY),
            ("ngày 8/7", DAY),
            ("08/07 14:35", MINUTE),
            ("14:35, 08/07", MINUTE),
            ("08/07", DAY),
            ("8 tháng 7", DAY),
            ("July 8", DAY),
            ("Jul 8, 2:35 PM", MINUTE),
            ("Thứ hai, 8/7", DAY),
            ("Ngày 2-8", "2019-08-02"),
            ("Ngày 3-8", "2018-08-03"),
            ("Ngày 31-12", "2018-12-31"),
            ("ngày 29/2", "2016-02-29"),
            // 8 July was a Sunday in 2018
            ("Chủ nhật, 8/7", "2018-07-08"),
            ("1/2", "-"),
            ("Trang 08/07", "-"),
            ("Nghị quyết 12/2019", "-"),
            ("Ngày 8-7, sơ kết 6 tháng đầu năm 2018", "-"),
        ],
        &options(),
    );
}

#[test]
fn relative_to_the_first_sight() {
    check(
        &[
            ("8 giờ trước", "2019-08-01T04:00:00+07:00"),
            ("cách đây 8 giờ trước", "2019-08-01T04:00:00+07:00"),
            ("15 phút trước", "2019-08-01T11:45:00+07:00"),
            ("2 giờ 15 phút trước", "2019-08-01T09:45:00+07:00"),
            ("3 ngày trước", "2019-07-29"),
            ("Hôm qua, 14:35", "2019-07-31T14:35:00+07:00"),
            ("hôm nay 08:00", "2019-08-01T08:00:00+07:00"),
            ("Hôm qua", "2019-07-31"),
            ("Vừa xong", "2019-08-01T12:00:00+07:00"),
            ("just now", "2019-08-01T12:00:00+07:00"),
            ("2 hours ago", "2019-08-01T10:00:00+07:00"),
            ("an hour ago", "2019-08-01T11:00:00+07:00"),
            ("1 hour, 5 minutes ago", "2019-08-01T10:55:00+07:00"),
            ("Yesterday", "2019-07-31"),
            ("Yesterday at 2:35 PM", "2019-07-31T14:35:00+07:00"),
            ("Today", "2019-08-01"),
            ("2 giờ trước (08/07/2019 14:35)", MINUTE),
            // rounded: no day can be named
            ("2 tuần trước", "-"),
            ("a month ago", "-"),
            ("1 năm trước", "-"),
        ],
        &options(),
    );
}

#[test]
fn absent_rather_than_wrong() {
    check(
        &[
            ("", "-"),
            ("-", "-"),
            ("Đang cập nhật", "-"),
            ("14:35", "-"),
            ("Thứ hai", "-"),
            ("2019", "-"),
            ("07/2019", "-"),
            ("tháng 7 năm 2019", "-"),
            ("July 2019", "-"),
            ("31/02/2019", "-"),
            ("32/07/2019", "-"),
            ("13/13/2019", "-"),
            ("2019-02-30", "-"),
            ("2019-07-08T25:35:00+07:00", "-"),
            ("2019-07-08T14:35:00+99:00", "-"),
            ("08/07/2019 25:70", "-"),
            ("31 tháng 6 năm 2019", "-"),
            ("Thứ ba, 08/07/2019", "-"),
            ("Tue, 08 Jul 2019 14:35:00 +0700", "-"),
            ("08/07/2020", "-"),
            ("2020-01-01T00:00:00Z", "-"),
            ("1/1/0001 12:00:00 AM", "-"),
            ("0001-01-01T00:00:00", "-"),
            ("1970-01-01T00:00:00Z", "-"),
            ("0000-00-00 00:00:00", "-"),
            ("08/07/2019 02:35:00 20 SA 14:36 CH", DAY),
            ("08/07/2019 - 09/07/2019", "-"),
            ("8-10/7/2019", "-"),
            ("192.168.20.19", "-"),
            ("0271.3879.123", "-"),
            ("Số 35-NQ/TW", "-"),
            ("Đăng ngày 31/02/2019, cập nhật 09/07/2019", "-"),
        ],
        &options(),
    );
}

#[test]
fn published_and_updated_are_told_apart() {
    let stated = parse_stated("Đăng lúc 14:35 08/07/2019 - Cập nhật lúc 09:00 09/07/2019", &options());
    assert_eq!(stated.published.map(Moment::to_text).as_deref(), Some(MINUTE));
    assert_eq!(stated.updated.map(Moment::to_text).as_deref(), Some("2019-07-09T09:00:00+07:00"));
}

#[test]
fn month_first_sections_read_month_first() {
    let options = Options { order: DateOrder::Mdy, timezone: chrono_tz::America::New_York, ..options() };
    check(
        &[
            ("07/08/2019", DAY),
            ("07/08/2019 2:35 PM", "2019-07-08T14:35:00-04:00"),
            ("25/05/2019", "2019-05-25"),
            ("Monday, 08/07/2019", DAY),
            ("02/08/2019 14:35", "2019-02-08T14:35:00-05:00"),
            // the clock skipped this hour
            ("03/10/2019 02:30", "2019-03-10"),
        ],
        &options,
    );
}

#[test]
fn decomposed_letters_are_read() {
    use unicode_normalization::UnicodeNormalization;
    let nfd: String = "Thứ hai, ngày 8 tháng 7 năm 2019".nfd().collect();
    assert_eq!(parse(&nfd, &options()).map(Moment::to_text).as_deref(), Some(DAY));
}
