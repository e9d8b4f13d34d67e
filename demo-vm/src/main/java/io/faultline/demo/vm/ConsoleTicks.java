package io.faultline.demo.vm;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the console of a guest, which writes lines {@code tick N} with consecutive N: so a line
 * that a migration loses, repeats or tears is detected. Passes the lines on. Thread-safe.
 */
public final class ConsoleTicks implements Consumer<String> {
  private static final Pattern TICK = Pattern.compile("tick ([0-9]{1,18})");

  private final Consumer<String> lines;
  private long first;
  private long last;
  private Optional<String> problem = Optional.empty();

  /**
   * @param lines gets each line after it was checked
   */
  public ConsoleTicks(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public void accept(String line) {
    check(line);
    lines.accept(line);
  }

  private synchronized void check(String line) {
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

  /** The first tick on this machine; 0 if there is none yet. */
  public synchronized long first() {
    return first;
  }

  /** The last tick on this machine; 0 if there is none yet. */
  public synchronized long last() {
    return last;
  }

  /**
   * The first error in the lines, if any.
   *
   * @param expected the last tick that the guest must have written; not checked if there was no
   *     tick on this machine
   */
  synchronized Optional<String> findProblem(long expected) {
    if (problem.isEmpty() && last != 0 && last != expected) {
      return Optional.of(
          "the guest's console is broken: it ends with tick " + last + ", not tick " + expected);
    }
    return problem;
  }
}
