package io.faultline.restore.remote;

import com.google.protobuf.ByteString;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.RefusedException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ping;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a set of connections to the page source: connects, notices silence, and connects again,
 * with backoff. Requests that were not answered when connections were lost are asked again.
 * Confined to the session's loop.
 */
final class OriginConnections {
  /** Connections that lasted longer worked: their loss is a new outage. */
  private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final NodeEnvironment environment;
  private final EventLoop loop;
  private final FaultlineOriginSettings settings;
  private final AttemptListener listener;
  private final ReconnectSchedule schedule;
  private final ByteString id;
  private final Consumer<SessionIdentity> identified;

  /** Requests that wait for connections. */
  private final RequestList waiting = new RequestList();

  private @Nullable SharedKey key;
  private @Nullable OriginAttempt attempt;
  private @Nullable Heartbeats heartbeats;
  private boolean isOpen;
  private boolean hasProgressed;
  private long openedNanos;
  private boolean wasOpen;
  private long lostNanos;

  /**
   * @param identified gets the {@link #identity} whenever it has changed, before it is used
   */
  OriginConnections(
      NodeEnvironment environment,
      EventLoop loop,
      FaultlineOriginSettings settings,
      SessionIdentity identity,
      Consumer<SessionIdentity> identified,
      AttemptListener listener) {
    this.environment = environment;
    this.loop = loop;
    this.settings = settings;
    this.listener = listener;
    this.identified = identified;
    id = identity.id();
    key = identity.key() == null ? settings.security().token().orElse(null) : identity.key();
    schedule = new ReconnectSchedule(1, 0, environment.random()::nextDouble);
    schedule.startAfter(identity.attempt() + 1);
  }

  /** Connects. */
  void start() {
    startLimit();
    connect();
  }

  /** An outage so far does not count. */
  void startLimit() {
    lostNanos = environment.nanoTime();
  }

  private void connect() {
    OriginAttempt next =
        new OriginAttempt(environment, loop, settings, id, schedule.attempt(), listener);
    attempt = next;
    identified.accept(identity());
    next.connect(key, listener.isOwned());
  }

  /** See {@link SessionIdentity}; for a program that takes over. */
  SessionIdentity identity() {
    SharedKey given = settings.security().needsSessionKey() ? key : null;
    return new SessionIdentity(id, given, schedule.attempt());
  }

  /** The control connection is established, with a page source that has this limit of silence. */
  void connected(@Nullable SharedKey newKey, int peerSilenceMillis) {
    key = newKey;
    identified.accept(identity());
    long now = environment.nanoTime();
    heartbeats = new Heartbeats(settings.timeouts().silenceMillis(), peerSilenceMillis, now);
  }

  boolean isCurrent(OriginAttempt of) {
    return of == attempt;
  }

  /** All connections are there: sends what waits. */
  void opened() {
    OriginAttempt to = attempt;
    if (to == null) {
      return;
    }
    isOpen = true;
    hasProgressed = false;
    openedNanos = environment.nanoTime();
    if (wasOpen) {
      schedule.recovered(openedNanos);
    }
    wasOpen = true;
    while (!waiting.isEmpty()) {
      int pid = waiting.pid();
      long page = waiting.page();
      int count = waiting.count();
      boolean urgent = waiting.isUrgent();
      waiting.take(count);
      if (!to.request(pid, page, count, urgent)) {
        listener.absent(pid, 0);
        return;
      }
    }
    to.flush();
  }

  boolean isOpen() {
    return isOpen;
  }

  /** When connections were lost that worked, or the start. */
  long lostNanos() {
    return lostNanos;
  }

  /** Whether there is an established control connection. */
  boolean isConnected() {
    return heartbeats != null;
  }

  /** The times that connections were made again. */
  long recoveries() {
    return schedule.recoveries().sum();
  }

  /** Why there are no connections. */
  String reason() {
    return schedule.reason();
  }

  /**
   * Asks for pages, or keeps the request until there are connections.
   *
   * @return false if the page source does not have the process
   */
  boolean request(int pid, long page, int count, boolean urgent) {
    if (isOpen && attempt != null) {
      return attempt.request(pid, page, count, urgent);
    }
    waiting.add(pid, page, count, urgent);
    return true;
  }

  void flush() {
    if (isOpen && attempt != null) {
      attempt.flush();
    }
  }

  /** Sends a frame on the control connection, if there is one. */
  void send(Frame frame) {
    if (attempt != null) {
      attempt.send(frame);
      if (heartbeats != null) {
        heartbeats.sent(environment.nanoTime());
      }
    }
  }

  /** Pages have arrived. */
  void progressed() {
    hasProgressed = true;
  }

  void heard() {
    if (heartbeats != null) {
      heartbeats.received(environment.nanoTime());
    }
  }

  /** The connections are lost, or could not be made: others are due later. */
  void lost(String why) {
    long now = environment.nanoTime();
    if (isOpen && (hasProgressed || now - openedNanos > STABLE_NANOS)) {
      lostNanos = now;
      schedule.progressed();
    }
    drop();
    schedule.lost(why, now);
  }

  private void drop() {
    OriginAttempt last = attempt;
    attempt = null;
    isOpen = false;
    heartbeats = null;
    if (last != null) {
      RequestList unanswered = new RequestList();
      last.close(unanswered);
      waiting.moveTo(unanswered);
      unanswered.moveTo(waiting);
    }
  }

  /** Time has passed: connects again, keeps the connection alive; reports silence as a loss. */
  void tick(long nowNanos) {
    if (attempt == null) {
      if (schedule.isDue(nowNanos)) {
        schedule.next();
        connect();
      }
      return;
    }
    Heartbeats beats = heartbeats;
    if (beats == null) {
      return;
    }
    if (beats.isSilent(nowNanos)) {
      lost("the page source was silent for " + settings.timeouts().silence().toMillis() + " ms");
    } else if (beats.isDue(nowNanos) || beats.isQuiet(nowNanos)) {
      ping(nowNanos);
    }
  }

  /** Asks for a sign of life; the answer repeats the time. */
  void ping(long nowNanos) {
    send(Frame.newBuilder().setPing(Ping.newBuilder().setSourceNanos(nowNanos)).build());
  }

  /** Whether a failure to connect cannot be mended by trying again. */
  boolean isFinal(Throwable cause) {
    return !wasOpen && cause.getCause() instanceof RefusedException;
  }

  /** Ends all connections, after what was sent. */
  void close() {
    drop();
    waiting.clear();
  }
}
