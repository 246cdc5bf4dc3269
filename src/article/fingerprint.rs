//! 64 bits by which a text is known again although a few words of it changed (Charikar's similarity hash over
//! shingles of three words): near texts differ in few bits, others in about half of them.

/// Words below which a text does not tell itself from others.
const TELLING: usize = 40;

/// The fingerprint of a text; `None` where it is too short to tell.
pub fn of(text: &str) -> Option<u64> {
    let words: Vec<String> = words(text).collect();
    if words.len() < TELLING {
        return None;
    }
    let mut weights = [0_i32; 64];
    for shingle in words.windows(3) {
        let hash = mixed(shingle);
        for (bit, weight) in weights.iter_mut().enumerate() {
            *weight += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    let print = weights.iter().enumerate().fold(0, |all, (bit, weight)| all | u64::from(*weight > 0) << bit);
    // 0 stands for "too short" in the store.
    Some(print.max(1))
}

/// In how many bits two fingerprints differ.
pub fn distance(one: u64, other: u64) -> u32 {
    (one ^ other).count_ones()
}

/// The form the store keeps: 0 where the text is too short to tell.
pub fn stored(text: &str) -> i64 {
    of(text).map_or(0, u64::cast_signed)
}

/// Reads what [`stored`] wrote.
pub fn from_stored(value: i64) -> Option<u64> {
    (value != 0).then_some(value.cast_unsigned())
}

/// The numbers in a text, in their order: where they differ, two texts of one pattern are two texts.
pub fn numbers(text: &str) -> Vec<String> {
    words(text).filter(|word| word.chars().all(|c| c.is_ascii_digit())).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.map(str::to_lowercase)
}

/// FNV-1a over the words, with the bits spread: its upper ones alone depend on too little.
fn mixed(shingle: &[String]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in shingle.iter().flat_map(|word| word.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Sáng nay, tại hội trường Ủy ban nhân dân tỉnh, lãnh đạo tỉnh dự lễ tổng kết phong trào thi đua \
        yêu nước năm 2026. Theo báo cáo, toàn tỉnh có 132 tập thể và 410 cá nhân được khen thưởng; nhiều mô hình hay \
        đã được nhân rộng ở các xã vùng cao, góp phần giảm nghèo bền vững và xây dựng nông thôn mới.";

    #[test]
    fn a_copied_text_is_near_and_another_far() {
        let print = of(TEXT).unwrap();
        assert_eq!(of(&TEXT.to_uppercase()), Some(print), "case and line ends do not matter");
        let framed = format!("{TEXT} Ảnh: Thủy Châu.");
        assert!(distance(print, of(&framed).unwrap()) <= 6, "{}", distance(print, of(&framed).unwrap()));
        let other = "Cơ quan khí tượng dự báo từ đêm nay đến ngày mai khu vực có mưa vừa, mưa to, cục bộ có nơi mưa rất \
            to và dông; trong mưa dông có khả năng xảy ra lốc, sét và gió giật mạnh. Người dân vùng trũng thấp, ven \
            sông cần chủ động kê cao tài sản, theo dõi các bản tin tiếp theo.";
        assert!(distance(print, of(other).unwrap()) > 15);
        assert_eq!(of("Quá ngắn để nhận ra."), None);
        assert_eq!(from_stored(stored(TEXT)), Some(print));
        assert_eq!(from_stored(stored("Ngắn")), None);
    }

    #[test]
    fn numbers_tell_texts_of_one_pattern_apart() {
        assert_eq!(numbers("Ngày 29/11, giá vàng 8.750 đồng"), ["29", "11", "8", "750"]);
        assert_ne!(numbers("Bản tin số 12"), numbers("Bản tin số 13"));
    }
}
