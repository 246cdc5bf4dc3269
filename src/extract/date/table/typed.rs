//! The same dates as other keyboards, programs and pages write them.

use super::*;

#[test]
fn signs_of_other_keyboards() {
    check(
        &[
            ("０８／０７／２０１９　１４：３５", MINUTE),
            ("٠٨/٠٧/٢٠١٩", DAY),
            ("08∕07∕2019", DAY),
            ("08⁄07⁄2019", DAY),
            ("08–07–2019", DAY),
            ("08‑07‑2019", DAY),
            ("2019−07−08", DAY),
            ("08\u{a0}/\u{a0}07\u{a0}/\u{a0}2019", DAY),
            ("July\u{a0}8,\u{202f}2019 2:35\u{202f}PM", MINUTE),
            ("\u{200e}8\u{200e}/\u{200e}7\u{200e}/\u{200e}2019", DAY),
            ("08/\u{200b}07/2019", DAY),
            ("\u{feff}2019-07-08", DAY),
            ("14∶35, 08/07/2019", MINUTE),
            ("  08/07/2019 \t\n 14:35 ", MINUTE),
        ],
        &options(),
    );
}

#[test]
fn leftovers_of_html() {
    check(
        &[
            ("08/07/2019&nbsp;14:35", MINUTE),
            ("&nbsp;08/07/2019&nbsp;", DAY),
            ("08&#47;07&#47;2019", DAY),
            ("08/07/2019<br/>14:35", MINUTE),
            ("<span>08/07/2019</span>", DAY),
            ("<time datetime=\"x\">July 8, 2019</time>", DAY),
            ("8 July 2019 &bull; 3 min read", DAY),
            ("14:35 &ndash; 08/07/2019", MINUTE),
            ("8 < 9", "-"),
        ],
        &options(),
    );
}

#[test]
fn programs() {
    check(
        &[
            ("14:35:00 8/7/2019", MINUTE),
            ("7/8/2019, 2:35:00 PM", MINUTE),
            ("8/07/2019 2:35:00 PM", MINUTE),
            ("Jul 8 2019  2:35PM", MINUTE),
            ("08JUL2019", DAY),
            ("08-JUL-19", DAY),
            ("8-Jul-2019 14:35", MINUTE),
            ("Mon, 08 Jul 19 14:35:00 +0700", MINUTE),
            ("July 8th 2019, 2:35:00 pm", MINUTE),
            ("Jul 8 '19 at 14:35", MINUTE),
            ("Jul 8, 2019 @ 2:35pm", MINUTE),
            ("2019-07-08 at 14:35", MINUTE),
            ("2019/7/8", DAY),
            ("2019.07.08", DAY),
            ("Mon Jul 8 14:35:00 ICT 2019", MINUTE),
            ("Mon Jul 08 14:35:00 GMT+07:00 2019", MINUTE),
            ("2019-07-08 14:35:00.0000000 +07:00", MINUTE),
            ("2019-07-08T14:35:00.1234567+07:00", MINUTE),
            ("20190708T073500Z", "2019-07-08T07:35:00Z"),
            ("201907081435", MINUTE),
            ("\\/Date(1562571300000)\\/", MINUTE),
            ("2019-07-08+070014:35:00", MINUTE),
            ("2019-07-08ICT14:35:00", MINUTE),
            ("2019-07-08ABC14:35:00", DAY),
            ("July the 8th, 2019", DAY),
            ("the 8th of July 2019", DAY),
            ("Monday the 8th of July, 2019", DAY),
            ("Published 8 July 2019", DAY),
            ("08.07.2019, 14.35 Uhr", DAY),
            ("Năm 2019 tháng 7 ngày 8", DAY),
            ("Tháng 7 ngày 8, 2019", DAY),
            ("08 Thg7 2019", DAY),
            ("Thg 7 8, 2019", DAY),
            ("Th7 08, 2019", DAY),
            ("08/Th7/2019", DAY),
            ("Giờ: 14:35 - Ngày: 08/07/2019", MINUTE),
            ("Hà Nội, ngày 8 tháng 7 năm 2019", DAY),
            ("Thứ Hai ngày 08/07/2019 vào hồi 14h35", MINUTE),
            ("ngay 8 thang 7 nam 2019", DAY),
            ("NGÀY 8 THÁNG 7 NĂM 2019", DAY),
            ("8 July 2019 | By Jane | Updated: 3:00 PM", DAY),
        ],
        &options(),
    );
}
