//! Days told by their distance from today, and days without a year.

use super::*;

#[test]
fn counted_back() {
    check(
        &[
            ("cách đây 3 ngày", "2019-07-29"),
            ("Cách đây 15 phút", "2019-08-01T11:45:00+07:00"),
            ("ba ngày trước", "2019-07-29"),
            ("three days ago", "2019-07-29"),
            ("3 ngày trước lúc 14:35", "2019-07-29T14:35:00+07:00"),
            ("khoảng 8 giờ trước", "2019-08-01T04:00:00+07:00"),
            ("about 2 hours ago", "2019-08-01T10:00:00+07:00"),
            ("half an hour ago", "2019-08-01T11:30:00+07:00"),
            ("nửa giờ trước", "2019-08-01T11:30:00+07:00"),
            ("1 tiếng rưỡi trước", "2019-08-01T10:30:00+07:00"),
            ("5m ago", "2019-08-01T11:55:00+07:00"),
            ("5h ago", "2019-08-01T07:00:00+07:00"),
            ("2d ago", "2019-07-30"),
            ("30 seconds ago", "2019-08-01T11:59:30+07:00"),
            ("a few seconds ago", "2019-08-01T12:00:00+07:00"),
            ("Just now", "2019-08-01T12:00:00+07:00"),
            ("Đăng 3 ngày trước", "2019-07-29"),
            ("Nguyễn Văn A - 3 ngày trước", "2019-07-29"),
            ("Posted 2 hours ago by admin", "2019-08-01T10:00:00+07:00"),
            // rounded too much
            ("two weeks ago", "-"),
            ("hơn 3 ngày trước", "-"),
            ("over 3 days ago", "-"),
            ("1w ago", "-"),
            ("3mo ago", "-"),
            ("tuần trước", "-"),
            ("last week", "-"),
            ("tháng trước", "-"),
            ("vài ngày trước", "-"),
            ("several days ago", "-"),
            ("an hour and a half ago", "-"),
            // to come, or a length
            ("3 ngày nữa", "-"),
            ("3 ngày sau", "-"),
            ("in 3 days", "-"),
            ("5 min read", "-"),
            ("trong 6 tháng 12 ngày", "-"),
        ],
        &options(),
    );
}

#[test]
fn named_days() {
    check(
        &[
            ("hôm kia", "2019-07-30"),
            ("hôm kìa", "-"),
            ("Hôm kia, 14:35", "2019-07-30T14:35:00+07:00"),
            ("ngày hôm qua", "2019-07-31"),
            ("14h35 hôm qua", "2019-07-31T14:35:00+07:00"),
            ("2:35 chiều nay", "2019-08-01T14:35:00+07:00"),
            ("chiều qua, 2 giờ 35 phút", "2019-07-31T14:35:00+07:00"),
            ("8h sáng nay", "2019-08-01T08:00:00+07:00"),
            ("tối qua", "2019-07-31"),
            ("tối qua lúc 8h", "2019-07-31T20:00:00+07:00"),
            ("Today at 5:30 PM", "2019-08-01T17:30:00+07:00"),
            ("Today, 08:00", "2019-08-01T08:00:00+07:00"),
            ("this morning", "2019-08-01"),
            ("Yesterday at noon", "2019-07-31T12:00:00+07:00"),
            ("Đăng hôm qua", "2019-07-31"),
            ("Updated yesterday", "2019-07-31"),
            ("Thứ hai tuần trước", "2019-07-22"),
            ("thứ 5 tuần trước", "2019-07-25"),
            ("Chủ nhật tuần trước", "2019-07-28"),
            ("thứ tư tuần này", "2019-07-31"),
            ("Monday last week", "2019-07-22"),
            ("thứ bảy tuần này", "-"),
            ("Sunday last week", "-"),
            ("last Monday", "-"),
            ("next Monday", "-"),
            ("thứ hai tới", "-"),
            ("thứ hai tuần sau", "-"),
            ("ngày mai", "-"),
            ("tomorrow", "-"),
            ("last night", "-"),
            ("đêm qua", "-"),
            ("USA Today", "-"),
            ("Today's news", "-"),
            ("Hôm qua, UBND tỉnh tổ chức hội nghị", "-"),
        ],
        &options(),
    );
}

#[test]
fn years_filled_in() {
    check(
        &[
            ("Ngày 8/7 vừa qua", DAY),
            ("Ngày 8/7 năm nay", DAY),
            ("ngày 8 tháng 7 năm ngoái", "2018-07-08"),
            ("8/7 năm ngoái", "2018-07-08"),
            ("July 8 last year", "2018-07-08"),
            ("Ngày 8/8 tới", "-"),
            ("ngày 8 tháng 8 sắp tới", "-"),
            ("chiều 8/7", DAY),
            ("Sáng 8-7, tại hội trường", DAY),
            ("Mon 8 Jul", DAY),
            ("8 Jul", DAY),
            ("Thứ 2, 8/7", DAY),
            ("T2, 08/07", DAY),
            ("Chủ nhật, ngày 8/7", "2018-07-08"),
            ("Thứ ba, 8/7", "-"),
            ("8/7 19", "-"),
            ("Jul-19", "-"),
            ("24/7", "-"),
            ("9/11", "-"),
        ],
        &options(),
    );
    let at = |now: &str| Options { now: now.parse().unwrap(), ..options() };
    check(
        &[("Ngày 31-12", "2019-12-31"), ("Ngày 1-1", "2020-01-01"), ("Ngày 3-1", "2019-01-03")],
        &at("2020-01-01T08:00:00+07:00"),
    );
    check(&[("Ngày 8-7", "2025-07-08"), ("Mon 8 Jul", "2024-07-08")], &at("2026-03-01T08:00:00+07:00"));
    check(&[("ngày 29/2", "2024-02-29")], &at("2026-03-01T08:00:00+07:00"));
}
