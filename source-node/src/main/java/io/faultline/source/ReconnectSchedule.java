package io.faultline.source;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * When to connect again behind a lost connection, and where: at once, or nearly so, and then after
 * pauses that double up to {@value #MAX_SECONDS} seconds, each with a random part, so that many
 * sources do not come back at the same moment. First the address that worked last, then the others
 * in their order; a pause doubles when all were tried. Connections that brought pages before they
 * were lost count as if the outage were the first.
 *
 * <p>Reads no clock. Belongs to the control loop, but for {@link #recoveries}.
 */
final class ReconnectSchedule {
  private static final int MAX_SECONDS = 5;
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int MAX_DOUBLINGS = 7;

  /** Connections that were lost sooner than this again do not count as a success. */
  private static final long LASTING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final int addresses;
  private final long giveUpNanos;
  private final DoubleSupplier jitter;
  private final LongAdder recoveries = new LongAdder();

  private int attempt = 1;
  private int address;
  private int tries;
  private boolean away;
  private long lostNanos;
  private long retryNanos;
  private long recoveredNanos;
  private long pausedNanos;
  private String reason = "";

  /**
   * @param addresses how many there are, at least 1
   * @param giveUpNanos how long an outage may last; 0 for without limit
   * @param jitter from 0 to below 1
   */
  ReconnectSchedule(int addresses, long giveUpNanos, DoubleSupplier jitter) {
    this.addresses = addresses;
    this.giveUpNanos = giveUpNanos;
    this.jitter = jitter;
  }

  /** Earlier processes made so many attempts: the next one has a higher number. */
  void startBehind(int attempts) {
    attempt = Math.max(attempt, attempts);
  }

  /** A connection is lost, or could not be made. */
  void lost(String why, long nowNanos) {
    if (!away) {
      boolean lasted = nowNanos - recoveredNanos > LASTING_NANOS;
      tries = lasted ? 0 : tries;
      away = true;
      lostNanos = nowNanos;
    }
    reason = why;
    long delay =
        Math.min(
            TimeUnit.SECONDS.toNanos(MAX_SECONDS),
            FIRST_NANOS << Math.min(MAX_DOUBLINGS, tries / addresses));
    tries++;
    retryNanos = nowNanos + (long) (delay * (0.5 + jitter.getAsDouble() / 2));
  }

  /** Whether it is time to connect again. */
  boolean isDue(long nowNanos) {
    return nowNanos - retryNanos >= 0;
  }

  /** Goes on to the next attempt. */
  void next() {
    if (tries > 1) { // the first is where the connection was
      address = (address + 1) % addresses;
    }
    attempt++;
  }

  /** Connections are there, and both ends know how to go on. */
  void recovered(long nowNanos) {
    away = false;
    recoveredNanos = nowNanos;
    pausedNanos += nowNanos - lostNanos;
    recoveries.increment();
  }

  /** The connections that were lost had brought pages: the network works, if not for long. */
  void progressed() {
    tries = 0;
  }

  /** Whether the outage has lasted too long. */
  boolean isOver(long nowNanos) {
    return away && giveUpNanos > 0 && nowNanos - lostNanos > giveUpNanos;
  }

  int attempt() {
    return attempt;
  }

  /** The number of the address to connect to. */
  int address() {
    return address;
  }

  /** Why the last connection was lost, or not made. */
  String reason() {
    return reason;
  }

  /** When the next attempt is due, or was. */
  long retryNanos() {
    return retryNanos;
  }

  /** Recoveries so far; any thread. */
  LongAdder recoveries() {
    return recoveries;
  }

  /** How long the migration was paused, up to now. */
  long pausedNanos(long nowNanos) {
    return pausedNanos + (away ? nowNanos - lostNanos : 0);
  }

  /** How long it has been away, for a person. */
  String awayFor(long nowNanos) {
    return String.format(Locale.ROOT, "%.1f s", (nowNanos - lostNanos) / 1e9);
  }
}
