package io.faultline.proto.connect;

import io.faultline.proto.PeerWait;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * When to reconnect after a connection is lost, and to which address.
 *
 * <p>The first attempt comes almost immediately. Then the backoff doubles up to {@value
 * #MAX_SECONDS} seconds. Up to half of each delay is random, so that many clients do not reconnect
 * at the same moment. The address that worked last is tried first, then the others in their order;
 * the backoff doubles each time all have been tried. If the lost connections had transferred pages,
 * the backoff starts again from its minimum.
 *
 * <p>Reads no clock. Confined to the control loop, except {@link #recoveries}.
 */
public final class ReconnectSchedule {
  private static final int MAX_SECONDS = 5;
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int MAX_DOUBLINGS = 7;

  /** A recovery whose connections are lost sooner than this does not reset the backoff. */
  private static final long STABLE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private int addresses;
  private final long giveUpNanos;
  private final DoubleSupplier jitter;
  private final LongAdder recoveries = new LongAdder();

  private int attempt = 1;
  private int address;
  private int tries;
  private boolean lost;
  private long lostNanos;
  private long retryNanos;
  private long recoveredNanos;
  private long pausedNanos;
  private String reason = "";

  /**
   * @param addresses the number of addresses, at least 1
   * @param giveUpNanos how long an outage may last; 0 for no limit
   * @param jitter random numbers from 0 to below 1
   */
  public ReconnectSchedule(int addresses, long giveUpNanos, DoubleSupplier jitter) {
    this.addresses = addresses;
    this.giveUpNanos = giveUpNanos;
    this.jitter = jitter;
  }

  /** Numbers the next attempt above those of earlier processes. */
  public void startAfter(int attempts) {
    attempt = Math.max(attempt, attempts);
  }

  /** A connection was lost, or could not be established. */
  public void lost(String why, long nowNanos) {
    if (!lost) {
      boolean wasStable = nowNanos - recoveredNanos > STABLE_NANOS;
      tries = wasStable ? 0 : tries;
      lost = true;
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

  /**
   * Makes an address the first that is tried; during an outage the next attempt is due now.
   *
   * @param index of a known address, or the number of addresses so far for a new one
   */
  public void tryFirst(int index, long nowNanos) {
    addresses = Math.max(addresses, index + 1);
    address = index;
    if (lost) {
      tries = 1; // next() keeps the address
      retryNanos = nowNanos;
    }
  }

  /** Whether it is time to reconnect. */
  public boolean isDue(long nowNanos) {
    return nowNanos - retryNanos >= 0;
  }

  /** Moves to the next attempt. */
  public void next() {
    if (tries > 1) { // the first goes to the address that worked
      address = (address + 1) % addresses;
    }
    attempt++;
  }

  /** The connections are established, and both sides have agreed on the state of the migration. */
  public void recovered(long nowNanos) {
    lost = false;
    recoveredNanos = nowNanos;
    pausedNanos += nowNanos - lostNanos;
    recoveries.increment();
  }

  /** The lost connections had transferred pages: the network works, if only for a short time. */
  public void progressed() {
    tries = 0;
  }

  /** Whether the outage has lasted too long. */
  public boolean isOver(long nowNanos) {
    return lost && giveUpNanos > 0 && nowNanos - lostNanos > giveUpNanos;
  }

  /** The wait for the connections, during an outage. */
  public PeerWait waiting() {
    String end =
        giveUpNanos == 0 ? "as long as it takes" : "until " + PeerWait.duration(giveUpNanos);
    return new PeerWait(
        "accept its connections again", lostNanos, "trying again, " + end + " (" + reason + ")");
  }

  /** The number of the current attempt. */
  public int attempt() {
    return attempt;
  }

  /** The index of the address to connect to. */
  public int address() {
    return address;
  }

  /** Why the last connection was lost, or could not be established. */
  public String reason() {
    return reason;
  }

  /** When the next attempt is or was due. */
  public long retryNanos() {
    return retryNanos;
  }

  /**
   * A snapshot for progress reports, while there is no connection.
   *
   * @param connecting whether an attempt is in progress
   */
  public Outage outage(boolean connecting) {
    return new Outage(reason, connecting, connecting ? 0 : retryNanos);
  }

  /** Recoveries so far. Any thread. */
  public LongAdder recoveries() {
    return recoveries;
  }

  /** How long the migration has been without connections in total. */
  public long pausedNanos(long nowNanos) {
    return pausedNanos + (lost ? nowNanos - lostNanos : 0);
  }

  /** The length of the current outage, for messages. */
  public String outageLength(long nowNanos) {
    return String.format(Locale.ROOT, "%.1f s", (nowNanos - lostNanos) / 1e9);
  }
}
