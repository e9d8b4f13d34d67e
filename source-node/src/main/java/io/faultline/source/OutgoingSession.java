package io.faultline.source;

import io.faultline.proto.Capability;
import io.faultline.proto.DirectReads;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Run;
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
 * The connections of one attempt, and what goes over them. What arrives on those of an earlier
 * attempt is nobody's business any more. Belongs to the control loop, but for what says otherwise.
 */
final class OutgoingSession {
  private @Nullable Channel control;

  /** By their numbers: they may be connected in any order. */
  private final SortedMap<Integer, Channel> bulk = new TreeMap<>();

  private Set<Capability> agreed = EnumSet.allOf(Capability.class);
  private @Nullable PageRequestServer urgent;
  private @Nullable Prefetcher prefetcher;
  private volatile @Nullable BulkStream stream;
  private boolean closed;

  /** The first connection is there; the others follow. */
  void controlConnected(Channel channel) {
    control = channel;
    DirectReads.start(channel);
    if (closed) {
      channel.close();
    }
  }

  /**
   * A bulk connection is there, which can carry what both ends can do.
   *
   * @param number of it, as its hello said
   */
  void bulkConnected(int number, Channel channel, Set<Capability> both) {
    bulk.put(number, channel);
    agreed.retainAll(both);
    if (closed) {
      channel.close();
    }
  }

  /** What both ends can do, by the answers to all hellos. */
  Set<Capability> agreed() {
    return agreed;
  }

  /** What serves requests, and what follows the guest; what feeds the bulk connections. */
  void start(PageRequestServer serving, Prefetcher following, BulkStream pushing) {
    urgent = serving;
    prefetcher = following;
    stream = pushing;
  }

  boolean isClosed() {
    return closed;
  }

  void send(Frame frame) {
    if (control != null) {
      flushAnswers(); // they come before it
      control.writeAndFlush(FrameWriter.frame(control.alloc(), frame));
    }
  }

  /** Sends RUN, and behind it pages that the VM begins with. */
  void run(List<PageRange> neededFirst) {
    send(Frame.newBuilder().setRun(Run.getDefaultInstance()).build());
    if (urgent != null && !neededFirst.isEmpty()) {
      neededFirst.forEach(urgent::bring);
      urgent.flush();
    }
  }

  /** Answers a page request. */
  void serve(int region, long page) throws WireException {
    if (urgent != null && prefetcher != null) {
      urgent.serve(region, page);
      prefetcher.requested(region, page);
    }
  }

  /** Sends the answers of one read out. */
  void flushAnswers() {
    if (urgent != null) {
      urgent.flush();
    }
  }

  /** Sends more behind the answers. */
  void followUp() {
    if (urgent != null && prefetcher != null && prefetcher.followUp()) {
      urgent.flush();
    }
  }

  /** Base pages sent on the control connection. */
  long urgentPages() {
    return urgent == null ? 0 : urgent.pagesSent();
  }

  /** Any thread: the round that is under way, if there is one, ends with what is sent of it. */
  void cutRound() {
    BulkStream current = stream();
    if (current != null) {
      current.cutRound();
    }
  }

  /** Any thread: what feeds the bulk connections, once there is that. */
  @Nullable BulkStream stream() {
    return stream;
  }

  /** What sends pages on the control connection, which is there. */
  PageSink controlSink(OutgoingCounters counters) {
    Channel channel = Objects.requireNonNull(control, "not connected");
    boolean checksums = agreed.contains(Capability.CRC32C);
    return ChannelPageSink.ofAnswers(channel, counters, checksums);
  }

  /** What sends on the bulk connections, which are there. */
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

  /** Gives bulk connections up once the peer takes nothing for so long; 0 for as TCP does. */
  void giveUpSilentBulk(int millis) {
    bulk.values().forEach(each -> Transport.setUserTimeout(each, millis));
  }

  /** Bulk loop: there is room to send. */
  void bulkWritable() {
    BulkStream current = stream;
    if (current != null) {
      current.push();
    }
  }

  /** Bulk loop: the time that the stream asked for is up. */
  void timeUp() {
    BulkStream current = stream;
    if (current != null) {
      current.timeUp();
    }
  }

  /** Closes all connections, whatever is still on its way. */
  void close() {
    stop();
    if (control != null) {
      control.close();
    }
  }

  /** The end: the control connection goes once what was sent is out. */
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
