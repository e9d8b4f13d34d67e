package io.faultline.restore.frozen;

import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.runs.RunCompressor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.IoEventLoop;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of one connection, in order. A queue that is full keeps further requests in
 * the socket; a send queue that is full keeps the answers waiting. Confined to the connection's
 * loop.
 */
final class PageServing {
  /** The most pages of a request: 4 MiB. */
  static final int MAX_REQUEST_PAGES = 1024;

  /** No address space is larger: 57 bits, less the kernel's half. */
  private static final long MAX_PAGE = (1L << 56) / PageReader.PAGE_BYTES;

  /** Then other connections of the loop get their turn. */
  private static final int TURN_PAGES = 512;

  private final Channel channel;
  private final PageReader reader;
  private final AnswerWriter answers;
  private final @Nullable RunCompressor compressor;
  private final Runnable counted;
  private final Consumer<String> thawed;
  private final Executor afterIo;
  private final RequestQueue queue = new RequestQueue();
  private @Nullable Runnable resume;
  private boolean turnIsDue;
  private boolean closed;

  /**
   * @param compressor is told about the link; null for none
   * @param counted called for each request
   * @param thawed called if a process is not frozen any more
   */
  PageServing(
      Channel channel,
      PageReader reader,
      AnswerWriter answers,
      @Nullable RunCompressor compressor,
      Runnable counted,
      Consumer<String> thawed) {
    this.channel = channel;
    this.reader = reader;
    this.answers = answers;
    this.compressor = compressor;
    this.counted = counted;
    this.thawed = thawed;
    afterIo = Transport.afterIo((IoEventLoop) channel.eventLoop());
  }

  /** Takes a request. */
  void request(int region, long firstPage, int count) throws WireException {
    if (region >= reader.tree().tasks().size()) {
      throw new WireException(
          "a request for process number " + region + "; there are " + reader.tree().tasks().size());
    }
    if (count < 1 || count > MAX_REQUEST_PAGES) {
      throw new WireException(
          "a request for " + count + " pages; it must be 1 to " + MAX_REQUEST_PAGES);
    }
    if (firstPage < 0 || firstPage > MAX_PAGE - count) {
      throw new WireException(
          "a request for the page 0x" + Long.toHexString(firstPage) + " of an address space");
    }
    counted.run();
    queue.add(region, firstPage, count);
    if (queue.isFull()) {
      serve();
    }
  }

  /** Whether the connection must pause, until {@code toResume} is run. */
  boolean pauses(Runnable toResume) {
    if (!queue.isFull()) {
      return false;
    }
    resume = toResume;
    return true;
  }

  /** Answers as much as fits into the send queue. */
  void serve() {
    if (turnIsDue || closed) {
      return;
    }
    int pages = 0;
    try {
      while (!queue.isEmpty() && channel.isWritable() && pages < TURN_PAGES) {
        pages += serveBatch();
      }
    } catch (PageReader.ThawedException e) {
      thawed.accept(String.valueOf(e.getMessage()));
      return;
    }
    if (pages > 0) {
      answers.write();
      channel.flush();
    }
    reportLink();
    if (!queue.isEmpty() && channel.isWritable()) {
      turnIsDue = true;
      afterIo.execute(this::turn);
    }
    resumeReads();
  }

  private void turn() {
    turnIsDue = false;
    try {
      serve();
    } catch (RuntimeException | Error e) { // the loop would only log it, and nothing be answered
      channel.pipeline().fireExceptionCaught(e);
    }
  }

  private void resumeReads() {
    Runnable paused = resume;
    if (paused != null && queue.hasRoom()) {
      resume = null;
      paused.run();
    }
  }

  /** Reads and answers requests of the first one's process; returns the number of pages. */
  private int serveBatch() throws PageReader.ThawedException {
    int region = queue.region();
    reader.clear();
    while (!queue.isEmpty() && queue.region() == region && reader.room() > 0) {
      int count = Math.min(reader.room(), queue.count());
      reader.add(queue.page(), count);
      queue.take(count);
    }
    return answer(reader.tree().tasks().get(region));
  }

  /** Answers the pages of the batch, and after each page that is absent reads the rest again. */
  private int answer(FrozenTask task) throws PageReader.ThawedException {
    int page = 0;
    while (page < reader.pages()) {
      int end = page + reader.read(task, page);
      answer(task.index(), page, end);
      page = end;
      if (page < reader.pages()) {
        answers.absent(task.index(), reader.pageAt(page), 1);
        page++;
      }
    }
    return page;
  }

  /** Answers pages of the batch, from one position in it to another. */
  private void answer(int region, int from, int to) {
    int start = 0;
    for (int i = 0; i < reader.fragments() && start < to; i++) {
      int first = Math.max(from, start);
      int end = Math.min(to, start + reader.count(i));
      if (first < end) {
        long page = reader.firstPage(i) + (first - start);
        answers.pages(region, page, end - first, reader.data(first));
      }
      start += reader.count(i);
    }
  }

  private void reportLink() {
    if (compressor != null && compressor.linkIsFull() == channel.isWritable()) {
      ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
      compressor.linkIsWritable(
          channel.isWritable(), queued == null ? 0 : queued.totalPendingWriteBytes());
    }
  }

  /** The connection has ended: its requests are dropped, it will ask again. */
  void close() {
    closed = true;
    queue.clear();
    answers.close();
  }
}
