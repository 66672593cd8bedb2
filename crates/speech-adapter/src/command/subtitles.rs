//! Cues of SubRip and WebVTT, whose text follows the line with the times, and those that whisper.cpp prints, whose text
//! is in the same line: `[00:00:01.000 --> 00:00:02.500]   Good morning.`

use std::time::Duration;

use lectern_application::ports::Utterance;

/// The cues in the order of the text; none if it is no subtitles. A cue's lines are joined by spaces.
pub(super) fn parse(text: &str) -> Vec<Utterance> {
    let mut cues: Vec<Utterance> = Vec::new();
    // Whether the lines that follow belong to the last cue: until an empty line.
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(cue) = cue(line) {
            cues.push(cue);
            inside = true;
        } else if line.is_empty() {
            inside = false;
        } else if let Some(cue) = cues.last_mut().filter(|_| inside) {
            if !cue.text.is_empty() {
                cue.text.push(' ');
            }
            cue.text.push_str(line);
        }
    }
    cues
}

/// A cue from the line with its times.
fn cue(line: &str) -> Option<Utterance> {
    let (times, text) = match line.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => (line, ""),
    };
    let (start, rest) = times.split_once("-->")?;
    // WebVTT may put settings after the end.
    let end = rest.split_ascii_whitespace().next()?;
    Some(Utterance { start: time(start.trim())?, end: time(end)?, text: text.trim().to_owned() })
}

/// `hh:mm:ss,mmm`, `hh:mm:ss.mmm` or `mm:ss.mmm`.
fn time(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once([',', '.'])?;
    let millis: u64 = (fraction.len() == 3).then(|| number(fraction)).flatten()?;
    let parts: Vec<u64> = whole.split(':').map(number).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match *parts.as_slice() {
        [minutes, seconds] => (0, minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    // At most 16 bits each: nothing can overflow.
    let seconds = hours * 3600 + minutes * 60 + seconds;
    Some(Duration::from_millis(seconds * 1000 + millis))
}

fn number(digits: &str) -> Option<u64> {
    digits.parse::<u16>().ok().map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cues(text: &str) -> Vec<(u128, u128, String)> {
        parse(text).into_iter().map(|cue| (cue.start.as_millis(), cue.end.as_millis(), cue.text)).collect()
    }

    fn expected() -> Vec<(u128, u128, String)> {
        vec![(1000, 2500, "Good morning.".to_owned()), (3_723_004, 3_724_000, "Two lines.".to_owned())]
    }

    #[test]
    fn subrip_is_read() {
        let text = "1\r\n00:00:01,000 --> 00:00:02,500\r\nGood morning.\r\n\r\n2\r\n01:02:03,004 --> \
                    01:02:04,000\r\nTwo\r\nlines.\r\n";
        assert_eq!(cues(text), expected());
    }

    #[test]
    fn webvtt_is_read() {
        let text = "WEBVTT - lecture\n\nNOTE not said\n\n00:01.000 --> 00:02.500 align:start\nGood morning.\n\n\
                    01:02:03.004 --> 01:02:04.000\nTwo\nlines.\n";
        assert_eq!(cues(text), expected());
    }

    #[test]
    fn the_lines_of_whisper_cpp_are_read() {
        let text = "\n[00:00:01.000 --> 00:00:02.500]   Good morning.\n[01:02:03.004 --> 01:02:04.000]   Two lines.\n";
        assert_eq!(cues(text), expected());
    }

    #[test]
    fn an_arrow_in_a_text_is_no_cue() {
        assert_eq!(cues("a --> b\n[see --> below] it\n1:2 --> 3:4\n00:00:01,5 --> 00:00:02,5"), []);
    }
}
