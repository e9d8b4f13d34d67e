package io.faultline.restore.remote;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.proto.DirectReads;
import io.faultline.proto.DirectWrites;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.AbsentPages;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the page source: sends requests, and passes on the pages that answer them, in
 * order. Confined to the session's loop.
 */
final class OriginLink implements FrameReceiver, RunAssembler.Pages {
  /** The most pages of a request on the wire. */
  private static final int MAX_REQUEST_PAGES = 1024;

  private final OriginAttempt attempt;
  private final AnswerReceiver answers;
  private final RequestList open = new RequestList();
  private @Nullable Channel channel;
  private @Nullable DirectWrites writes;
  private @Nullable RunAssembler assembler;
  private boolean closed;

  OriginLink(OriginAttempt attempt, AnswerReceiver answers) {
    this.attempt = attempt;
    this.answers = answers;
  }

  /** The handshake is done. */
  void start(Channel established) {
    channel = established;
    writes = new DirectWrites(established);
    assembler = new RunAssembler(open, attempt.agreed(), this);
    DirectReads.start(established);
  }

  /** The requests that are not answered. */
  RequestList open() {
    return open;
  }

  /** Sends a request, at the next {@link #flush}. */
  void request(int process, int pid, long page, int count, boolean urgent) {
    DirectWrites to = writes;
    if (to == null) {
      throw new IllegalStateException("not connected");
    }
    for (int done = 0; done < count; ) {
      int piece = Math.min(MAX_REQUEST_PAGES, count - done);
      FrameWriter.request(to.room(FrameWriter.HOT_HEADER_BYTES), process, page + done, piece);
      open.add(pid, page + done, piece, urgent);
      done += piece;
    }
  }

  void flush() {
    if (writes != null) {
      writes.flush();
    }
  }

  /** Sends a frame, after the requests. */
  void send(Frame frame) {
    Channel to = channel;
    if (to != null && writes != null) {
      writes.write();
      to.writeAndFlush(FrameWriter.frame(to.alloc(), frame));
    }
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (closed) {
      return;
    }
    if (frame.hasAbsent()) {
      absent(frame.getAbsent());
    } else if (frame.hasFailure() && frame.getFailure().getRecoverable()) {
      throw new WireException(
          "the page source closes the connection: "
              + Hellos.printable(frame.getFailure().getMessage()));
    } else {
      attempt.received(this, frame);
    }
  }

  private void absent(AbsentPages absent) throws WireException {
    RunAssembler checks = assembler;
    if (checks == null) {
      throw new WireException("an answer before the handshake");
    }
    checks.requireAnswer(process(), absent.getRegion(), absent.getFirstPage(), absent.getCount());
    int pid = open.pid();
    open.take(absent.getCount());
    answers.absent(pid, absent.getFirstPage() * PAGE_BYTES);
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payloadBytes, int checksum)
      throws WireException {
    if (!closed && assembler != null) {
      assembler.run(process(), region, firstPage, count, encoding, payloadBytes, checksum);
    }
  }

  /** The number of the process of the first open request; -1 without one. */
  private int process() {
    return open.isEmpty() ? -1 : attempt.process(open.pid());
  }

  @Override
  public long payloadPlace() {
    return closed || assembler == null ? 0 : assembler.place();
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    if (!closed && assembler != null) {
      assembler.data(address, bytes);
    }
  }

  @Override
  public void arrived(long firstPage, int count, long data) {
    if (!closed) {
      int pid = open.pid();
      open.take(count);
      answers.pages(pid, firstPage * PAGE_BYTES, count, data);
    }
  }

  @Override
  public void arrivedZeros(long firstPage, int count) {
    if (!closed) {
      int pid = open.pid();
      open.take(count);
      answers.zeros(pid, firstPage * PAGE_BYTES, count);
    }
  }

  @Override
  public void readComplete() {
    attempt.heard();
  }

  @Override
  public void closed(Throwable cause) {
    if (!closed) {
      attempt.lost(this, cause);
    }
  }

  /** Closes the connection. Nothing follows from it. */
  void close() {
    closed = true;
    if (channel != null) {
      channel.close();
    }
  }

  /** Frees the buffers: not from a call that passes pages on. */
  void free() {
    if (assembler != null) {
      assembler.close();
      assembler = null;
    }
  }
}
