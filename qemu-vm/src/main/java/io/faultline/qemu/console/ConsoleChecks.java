package io.faultline.qemu.console;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a Linux guest says on its console about the sums of its memory, one numbered line for each
 * check:
 *
 * <pre>
 *   check NUMBER ok|BAD UPTIME_SECONDS REAL_TIME_SECONDS
 * </pre>
 *
 * <p>The bytes come from the QEMUs that ran the guest, one after the other: a line may begin at the
 * source and end at the destination. Found are bad sums, lines that are lost, repeated or damaged,
 * and clocks that go back or jump. Other lines are ignored before the first check. Used by one
 * thread.
 */
public final class ConsoleChecks {
  private static final Pattern CHECK =
      Pattern.compile("check (\\d{1,9}) (ok|BAD) (\\d{1,9})\\.(\\d{2}) (\\d{1,12})");

  /** Seconds by which the guest's two clocks may drift apart; the real time has no fraction. */
  private static final double MAX_DRIFT_SECONDS = 1.5;

  private static final int MAX_PROBLEMS = 20;

  private final StringBuilder line = new StringBuilder();
  private final List<String> problems = new ArrayList<>();
  private long checks;
  private long next;
  private double uptime;
  private double bootTime;
  private double longestGap;

  /** Adds bytes of the console. */
  public void add(byte[] bytes, int count) {
    String text = new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each == '\n') {
        end(line.toString());
        line.setLength(0);
      } else if (each != '\r') {
        line.append(each);
      }
    }
  }

  private void end(String text) {
    Matcher check = CHECK.matcher(text);
    if (check.matches()) {
      check(check);
    } else if (checks > 0 && !text.isBlank()) {
      problem("instead of check " + next + " the console has \"" + text + "\"");
    }
  }

  private void check(Matcher check) {
    long number = Long.parseLong(check.group(1));
    double seconds = Long.parseLong(check.group(3)) + Long.parseLong(check.group(4)) / 100.0;
    double boot = Long.parseLong(check.group(5)) - seconds;
    if (!check.group(2).equals("ok")) {
      problem("check " + number + " found a bad sum");
    }
    if (checks > 0) {
      if (number != next) {
        problem("check " + number + " came instead of " + next);
      }
      if (seconds < uptime) {
        problem("at check " + number + " the uptime went back from " + uptime + " to " + seconds);
      }
      if (Math.abs(boot - bootTime) > MAX_DRIFT_SECONDS) {
        problem(
            String.format(
                Locale.ROOT,
                "at check %d the real time jumped by %.1f s against the uptime",
                number,
                boot - bootTime));
      }
      longestGap = Math.max(longestGap, seconds - uptime);
    } else {
      bootTime = boot;
    }
    checks++;
    next = number + 1;
    uptime = seconds;
  }

  private void problem(String what) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(what);
    }
  }

  /** How many checks the guest has reported. */
  public long checks() {
    return checks;
  }

  /** What is wrong, the first twenty; empty if nothing is. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** The longest time between two checks, by the guest's own clock, in seconds. */
  public double longestGapSeconds() {
    return longestGap;
  }
}
