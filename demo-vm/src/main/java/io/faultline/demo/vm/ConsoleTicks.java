package io.faultline.demo.vm;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows a guest's console, on which each line is {@code tick N}, N being one more than before: so
 * that no line is lost, repeated or torn when the VM moves. Passes the lines on. Thread-safe.
 */
public final class ConsoleTicks implements Consumer<String> {
  private static final Pattern TICK = Pattern.compile("tick ([0-9]{1,18})");

  private final Consumer<String> lines;
  private long first;
  private long last;
  private Optional<String> problem = Optional.empty();

  /**
   * @param lines gets each line after it was looked at
   */
  public ConsoleTicks(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public void accept(String line) {
    note(line);
    lines.accept(line);
  }

  private synchronized void note(String line) {
    Matcher matcher = TICK.matcher(line);
    if (!matcher.matches()) {
      fail("'" + line + "' after tick " + last);
      return;
    }
    long number = Long.parseLong(matcher.group(1));
    if (first == 0) {
      first = number;
    } else if (number != last + 1) {
      fail("tick " + number + " after tick " + last);
    }
    last = number;
  }

  private void fail(String what) {
    if (problem.isEmpty()) {
      problem = Optional.of("the guest's console is broken: " + what);
    }
  }

  /** The first tick here; 0 before there is one. */
  public synchronized long first() {
    return first;
  }

  /** The last tick here; 0 before there is one. */
  public synchronized long last() {
    return last;
  }

  /**
   * What is wrong with the lines, if anything.
   *
   * @param expected the last tick that there should be; where there was none here, that cannot be
   *     judged
   */
  synchronized Optional<String> findProblem(long expected) {
    if (problem.isEmpty() && last != 0 && last != expected) {
      return Optional.of(
          "the guest's console is broken: it ends with tick " + last + ", not tick " + expected);
    }
    return problem;
  }
}
