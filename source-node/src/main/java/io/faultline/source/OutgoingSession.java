package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.DirectReads;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.proto.wire.Frame;
import io.faultline.source.scan.Prefetcher;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one attempt, and the objects that send over them. Frames and events of an
 * earlier attempt are ignored. Confined to the control loop, except for the methods that say
 * otherwise.
 */
final class OutgoingSession {
  private @Nullable Channel control;

  /** By number: they may be established in any order. */
  private final SortedMap<Integer, Channel> bulk = new TreeMap<>();

  private Set<Capability> agreed = EnumSet.allOf(Capability.class);
  private @Nullable PageRequestServer server;
  private @Nullable Prefetcher prefetcher;
  private volatile @Nullable BulkStream stream;
  private boolean closed;
  private boolean memoryShort;
  private int bulkMillis;

  /** The control connection is established. */
  void controlConnected(Channel channel) {
    control = channel;
    DirectReads.start(channel);
    if (closed) {
      channel.close();
    }
  }

  /**
   * A bulk connection is established.
   *
   * @param number the number in its hello
   * @param agreedOnIt the capabilities of both sides, by its handshake
   */
  void bulkConnected(int number, Channel channel, Set<Capability> agreedOnIt) {
    bulk.put(number, channel);
    agreed.retainAll(agreedOnIt);
    if (closed) {
      channel.close();
    }
  }

  /** The capabilities that both sides agreed on, on all connections. */
  Set<Capability> agreed() {
    return agreed;
  }

  /** Starts to answer page requests and to feed the bulk connections. */
  void start(PageRequestServer newServer, Prefetcher newPrefetcher, BulkStream newStream) {
    server = newServer;
    prefetcher = newPrefetcher;
    stream = newStream;
  }

  boolean isClosed() {
    return closed;
  }

  /** Sends a frame on the control connection, after pending answers. */
  void send(Frame frame) {
    if (control != null) {
      flushAnswers(); // keep the order
      control.writeAndFlush(FrameWriter.frame(control.alloc(), frame));
    }
  }

  /** Sends RUN, followed by the pages that the VM needs first. */
  void sendRun(List<PageRange> neededFirst) {
    send(ControlFrames.run());
    if (server != null && !neededFirst.isEmpty()) {
      neededFirst.forEach(server::prefetch);
      server.flush();
    }
  }

  /** Answers a page request. */
  void serve(int region, long page) throws WireException {
    if (server != null && prefetcher != null) {
      server.serve(region, page);
      prefetcher.requested(region, page);
    }
  }

  /** Sends out the answers to the requests of one read. */
  void flushAnswers() {
    if (server != null) {
      server.flush();
    }
  }

  /** Prefetches a piece after the answers; returns whether there is more to prefetch. */
  boolean prefetch() {
    if (server == null || prefetcher == null) {
      return false;
    }
    if (prefetcher.followUp()) {
      server.flush();
    }
    return prefetcher.hasMore();
  }

  /** Base pages sent on the control connection. */
  long urgentPages() {
    return server == null ? 0 : server.pagesSent();
  }

  /** Ends the current round early, if there is one. Any thread. */
  void cutRound() {
    BulkStream current = stream();
    if (current != null) {
      current.cutRound();
    }
  }

  /** Feeds the bulk connections; null before {@link #start}. Any thread. */
  @Nullable BulkStream stream() {
    return stream;
  }

  /** A sink for answers on the control connection, which must be established. */
  PageSink controlSink(OutgoingCounters counters) {
    Channel channel = Objects.requireNonNull(control, "not connected");
    boolean checksums = agreed.contains(Capability.CRC32C);
    return ChannelPageSink.forAnswers(channel, counters, checksums);
  }

  /**
   * A sink for the bulk connections, which must be established.
   *
   * @param compressor closed with the last of the connections
   */
  BulkChannels bulkChannels(OutgoingCounters counters, RunCompressor compressor) {
    int channels = bulk.size();
    boolean checksums = agreed.contains(Capability.CRC32C);
    AtomicInteger open = new AtomicInteger(channels);
    List<ChannelPageSink> sinks = new ArrayList<>();
    for (Channel each : bulk.values()) {
      each.closeFuture()
          .addListener(
              closed -> {
                if (open.decrementAndGet() == 0) {
                  compressor.close();
                }
              });
      each.eventLoop()
          .execute(() -> SendQueueLimit.atSender(each, counters.requests::sum, channels));
      sinks.add(new ChannelPageSink(each, counters, checksums, compressor));
    }
    return new BulkChannels(sinks, compressor, counters);
  }

  /**
   * Closes a bulk connection when the peer acknowledges nothing, or accepts nothing, for this long;
   * 0 for the time that every connection has at first.
   */
  void setBulkTimeout(int millis) {
    bulkMillis = millis;
    int now = memoryShort ? Integer.MAX_VALUE : millis;
    bulk.values().forEach(each -> Transport.setUserTimeout(each, now));
  }

  /**
   * Whether the destination has no memory for the next page. It reads nothing meanwhile, but its
   * heartbeats arrive: a full bulk connection is not a lost one.
   */
  void setMemoryShort(boolean isShort) {
    if (isShort != memoryShort) {
      memoryShort = isShort;
      setBulkTimeout(bulkMillis);
    }
  }

  /** A bulk connection has room again. Bulk loop. */
  void bulkWritable() {
    BulkStream current = stream;
    if (current != null) {
      current.push();
    }
  }

  /** The time requested by the stream is up. Bulk loop. */
  void timeUp() {
    BulkStream current = stream;
    if (current != null) {
      current.timeUp();
    }
  }

  /** Closes all connections immediately. */
  void close() {
    stop();
    if (control != null) {
      control.close();
    }
  }

  /** Closes all connections; the control connection once everything is sent. */
  void closeWhenSent() {
    stop();
    if (control != null) {
      control.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void stop() {
    closed = true;
    BulkStream current = stream;
    if (current != null) {
      current.stop();
    }
    bulk.values().forEach(Channel::close);
  }
}
