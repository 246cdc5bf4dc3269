//! What looks like a date and is none, spans of days, and words of one language that look like those of the other.

use super::*;

#[test]
fn numbers_of_other_things() {
    check(
        &[
            ("Số 12/2019/NĐ-CP", "-"),
            ("Nghị định số 12/05/2019/NĐ-CP", "-"),
            ("Số: 08/07/2019", "-"),
            ("Nghị định 100/2018/NĐ-CP ngày 30/12/2018", "2018-12-30"),
            ("QĐ số 35-NQ/TW ngày 8/7/2019", DAY),
            ("Thông tư 08/2019/TT-BTC", "-"),
            ("Thắng 2-1", "-"),
            ("Việt Nam 2-1 Thái Lan", "-"),
            ("2-1", "-"),
            ("49-51", "-"),
            ("3/4", "-"),
            ("16:9", "-"),
            ("Hỗ trợ 24/7", "-"),
            ("24/24", "-"),
            ("v2.4.18", "-"),
            ("Version 2.4.18", "-"),
            ("Phiên bản 8.7.19", "-"),
            ("Windows 7/8/10", "-"),
            ("Trang 3/7/19", "-"),
            ("Ngày đăng 8/7/19", DAY),
            ("1.2.3", "-"),
            ("A320-200", "-"),
            ("dd/mm/yyyy", "-"),
            ("__/__/____", "-"),
            ("8 July 2019 7 mins", DAY),
            ("Received: 1 May 2019 / Accepted: 3 June 2019 / Published: 8 July 2019", DAY),
            ("Python 3.11.4", "-"),
            ("10.0.19045", "-"),
            ("192.168.1.19", "-"),
            ("10.12.19.20", "-"),
            ("8.8.8.8", "-"),
            ("0983.12.12.19", "-"),
            ("0983-12-12", "-"),
            ("(024) 38.25.20.19", "-"),
            ("1900 1212", "-"),
            ("1.234.567 đ", "-"),
            ("12.5.2019.7", "-"),
            ("ISO 9001:2015", "-"),
            ("2018-2019", "-"),
            ("2019-07", "-"),
            ("7/2019", "-"),
            ("T7/2019", "-"),
            ("Quý III/2019", "-"),
            ("Q3 2019", "-"),
            ("Tuần 28/2019", "-"),
            ("Tuần 28 (08/07 - 14/07/2019)", "-"),
            ("đầu tháng 7", "-"),
            ("Tháng 7/2019", "-"),
            ("tháng 7-8/2019", "-"),
            ("tháng 7, 8 năm 2019", "-"),
            ("6 tháng đầu năm 2019", "-"),
            ("9 tháng năm 2019", "-"),
            ("Ngày    tháng    năm 2019", "-"),
            ("ngày 8 tháng năm 2019", "-"),
            ("May 2019", "-"),
            ("2019-W28", "-"),
            ("43654", "-"),
            ("636981393000000000", "-"),
            ("/Date(-62135596800000)/", "-"),
            ("01/01/1970 07:00", "-"),
            ("30/11/-0001 00:00", "-"),
            ("8/7/1019", "-"),
            ("8/7/20190", "-"),
            ("00/07/2019", "-"),
            ("08/00/2019", "-"),
            ("29/02/2019", "-"),
            ("2019-13-08", "-"),
            ("5 bình luận", "-"),
            ("Covid-19, 8/7/2019", DAY),
            ("Lượt xem: 12 - 08/07/2019", DAY),
            ("Bình luận 0 08/07/2019 14:35", MINUTE),
        ],
        &options(),
    );
}

#[test]
fn the_lunar_calendar() {
    check(
        &[
            ("mùng 2 Tết", "-"),
            ("Mùng 2 tháng Giêng", "-"),
            ("15 tháng Giêng năm 2019", "-"),
            ("rằm tháng 7", "-"),
            ("23 tháng Chạp", "-"),
            ("mùng 10 tháng 3 âm lịch", "-"),
            ("6/6 âm lịch", "-"),
            ("ngày 8/7/2019 (tức 6/6 âm lịch)", DAY),
            ("ngày 8/7/2019 (tức ngày 6 tháng 6 năm Kỷ Hợi)", DAY),
            ("08/07/2019 (06/06 ÂL)", DAY),
        ],
        &options(),
    );
}

#[test]
fn spans_and_lists_of_days() {
    check(
        &[
            ("July 8-10, 2019", "-"),
            ("July 8–10, 2019", "-"),
            ("July 8 and 9, 2019", "-"),
            ("8-10 July 2019", "-"),
            ("8 and 9 July 2019", "-"),
            ("8 to 10 July 2019", "-"),
            ("8 July – 10 July 2019", "-"),
            ("8 - 10/7/2019", "-"),
            ("8 và 9/7/2019", "-"),
            ("từ ngày 8 đến ngày 10/7/2019", "-"),
            ("Từ ngày 8/7 đến 10/7/2019", "-"),
            ("ngày 8, 9/7/2019", "-"),
            ("Trong các ngày 8, 9, 10/7/2019", "-"),
            ("Trong 2 ngày 8 và 9-7", "-"),
            ("8-9 tháng 7 năm 2019", "-"),
            ("July 8th-10th, 2019", "-"),
            ("2019-07-08 to 2019-07-10", "-"),
            ("Jul 30 - Aug 2, 2019", "-"),
            ("01/07/2019 đến 08/07/2019", "-"),
            ("1/7/2019 → 8/7/2019", "-"),
            // the same day twice is that day
            ("08/07/2019 | Thứ hai, 08/07/2019 14:35", MINUTE),
            ("8 tháng 7 2019 (2019-07-08)", DAY),
            ("08/07/2019 (2 ngày trước)", DAY),
        ],
        &options(),
    );
}

#[test]
fn words_of_the_other_language() {
    check(
        &[
            ("Máy 8, 2019", "-"),
            ("Sếp 8, 2019", "-"),
            ("Môn Toán, 09/07/2019", "2019-07-09"),
            ("Trí tuệ, 08/07/2019", DAY),
            ("Thư, 08/07/2019", DAY),
            ("sát, 08/07/2019", DAY),
            ("Thu, 11 Jul 2019", "2019-07-11"),
            ("thứ 5, 11/07/2019", "2019-07-11"),
            ("Th 2, 08/07/2019", DAY),
            ("Th2, 08/07/2019 14:35", MINUTE),
            ("Th2 8, 2019", "2019-02-08"),
            ("Windows XP, 08/07/2019", DAY),
        ],
        &options(),
    );
}

#[test]
fn labels() {
    check(
        &[
            ("Cập nhật 09/07/2019 (đăng 08/07/2019)", DAY),
            ("Đăng: 08/07/2019, hạn nộp: 20/07/2019", DAY),
            ("Ngày ban hành: 08/07/2019 | Ngày hiệu lực: 22/07/2019", DAY),
            ("First published July 8, 2019; last updated July 9, 2019", DAY),
            ("Updated July 9, 2019. Originally published July 8, 2019", DAY),
            ("Mon 8 Jul 2019 14.35 ICT Last modified on Tue 9 Jul 2019 09.00 ICT", MINUTE),
            ("Published: 2:35 p.m. ICT July 8, 2019 Updated: 8:00 a.m. ICT July 9, 2019", MINUTE),
            ("July 8, 2019 (Updated July 9, 2019)", DAY),
            ("Created: 2019-07-08 14:35 Modified: 2019-07-09 09:00", MINUTE),
            ("Last updated: July 9, 2019", "2019-07-09"),
            ("Ngày cập nhật: 09/07/2019", "2019-07-09"),
            ("July 8, 2019 | Reviewed July 20, 2019", DAY),
        ],
        &options(),
    );
    let stated = parse_stated("Ngày tạo: 08/07/2019 14:35 | Sửa lần cuối: 09/07/2019", &options());
    assert_eq!(stated.published.map(Moment::to_text).as_deref(), Some(MINUTE));
    assert_eq!(stated.updated.map(Moment::to_text).as_deref(), Some("2019-07-09"));
    let stated = parse_stated("Hạn nộp hồ sơ: 20/07/2019", &options());
    assert_eq!(stated, Stated::default(), "a deadline is neither");
    let stated = parse_stated("Page last modified Jan. 17, 2019", &options());
    assert_eq!((stated.published, stated.updated.map(Moment::to_text).as_deref()), (None, Some("2019-01-17")));
}

#[test]
fn weekdays_settle_or_contradict() {
    check(
        &[
            ("Monday, 8 July 2019", DAY),
            ("Tuesday, 8 July 2019", "-"),
            ("Thứ Sáu, 8 tháng 7 năm 2019", "-"),
            ("CN 08/07/2019", "-"),
            ("T3, 09/07/2019", "2019-07-09"),
            ("2019-07-08 (Mon) 14:35", MINUTE),
            ("08/07/2019 (Thứ hai) 14:35", MINUTE),
            ("Thứ hai 08/07/2019 - Thứ ba", "-"),
            ("Chúa nhật 07/07/2019", "2019-07-07"),
            ("Thứ Tư, 3/7/2019", "2019-07-03"),
            ("Weds 3 July 2019", "2019-07-03"),
        ],
        &options(),
    );
}

#[test]
fn the_day_said_first_is_never_taken_for_a_month() {
    check(
        &[
            ("ngày 07/09/2019", "-"),
            ("ngày 7-9-2019 14:35", "-"),
            ("ngày 05/25/2019", "-"),
            ("Ngày 8/7/2019 2:35:00 PM", "-"),
            ("Ngày đăng: 7/8/2019 2:35:00 PM", MINUTE),
        ],
        &options(),
    );
    let american = Options { order: DateOrder::Mdy, ..options() };
    check(
        &[("ngày 8/7/2019", DAY), ("Ngày 8-7", DAY), ("7/8/2019", DAY), ("July 8", DAY), ("7/8/19, 2:35 PM", MINUTE)],
        &american,
    );
}
