package io.faultline.restore.origin;

import io.faultline.restore.image.PageFlags;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.space.DumpLayout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Splits what a page server sends into answers, and checks each against the request that it must
 * answer. Pages are handed over where they were received: as many at once as have arrived.
 *
 * <p>Confined to the session's event loop.
 */
final class AnswerParser {
  /** What the second level cache of a CPU holds: the kernel copies it from there. */
  private static final int BUFFER_BYTES = 256 << 10;

  private static final int PAGE_BYTES = DumpLayout.PAGE_BYTES;

  private final PageServerHeader header;
  private final RequestQueue requests;
  private final PageReceiver receiver;
  private final ByteBuf buffer;
  private final long bufferAddress;
  private long receivedBytes;

  /** The answer that is arriving: its next page, and how many pages are to come. */
  private int pid;

  private long address;
  private int pagesLeft;

  /** The pages of the request after those of its answer. */
  private int pagesUnanswered;

  private boolean answered;
  private @Nullable RequestJournal journal;

  /** Bytes of an answer, and whole answers, that an earlier program has asked for. */
  private long bytesToDrop;

  private int answersToDrop;
  private boolean dropsAnswer;

  private boolean endExpected;
  private boolean ended;
  private int status;
  private @Nullable String error;

  AnswerParser(PageServerHeader header, RequestQueue requests, PageReceiver receiver) {
    this(header, requests, receiver, BUFFER_BYTES);
  }

  /**
   * @param bufferBytes more than a page and a header
   */
  AnswerParser(
      PageServerHeader header, RequestQueue requests, PageReceiver receiver, int bufferBytes) {
    this.header = header;
    this.requests = requests;
    this.receiver = receiver;
    ByteBuffer bytes = ByteBuffer.allocateDirect(bufferBytes);
    buffer = Unpooled.wrappedBuffer(bytes).clear();
    bufferAddress = MemorySegment.ofBuffer(bytes).address();
  }

  /** The headers of answers are recorded from now on: bytes are read to a {@link #place} only. */
  void record(RequestJournal to) {
    journal = to;
  }

  /** So many bytes, and the answers to so many requests, are not handed over. */
  void drop(long bytes, int answers) {
    bytesToDrop = bytes;
    answersToDrop = answers;
  }

  /** The journal if the next bytes are those of a header. */
  private @Nullable RequestJournal headerPlace() {
    return bytesToDrop == 0 && pagesLeft == 0 && !requests.isEmpty() ? journal : null;
  }

  /** The native address for the next bytes. */
  long place() {
    RequestJournal to = headerPlace();
    return to != null ? to.place() : bufferAddress + buffer.writerIndex();
  }

  /** How many bytes fit there: at least one. With a journal, none of another answer. */
  int placeBytes() {
    RequestJournal to = headerPlace();
    if (to != null) {
      return to.placeBytes();
    }
    return (int)
        (journal == null ? buffer.writableBytes() : Math.min(buffer.writableBytes(), due()));
  }

  /** The bytes until the next header, or the answer to the session's end. */
  private long due() {
    long contents = (long) pagesLeft * PAGE_BYTES - buffer.readableBytes();
    return bytesToDrop > 0 ? bytesToDrop : pagesLeft > 0 ? contents : Integer.BYTES;
  }

  /** Bytes have been written to the {@link #place}. */
  void written(int bytes) {
    receivedBytes += bytes;
    RequestJournal to = headerPlace();
    if (to != null) {
      to.written(bytes, buffer);
    } else {
      buffer.writerIndex(buffer.writerIndex() + bytes);
    }
    int dropped = (int) Math.min(bytesToDrop, buffer.readableBytes());
    buffer.skipBytes(dropped);
    bytesToDrop -= dropped;
    parse();
    compact();
  }

  /** Takes bytes from a buffer, which the caller keeps. */
  void read(ByteBuf in) {
    while (in.isReadable() && !isOver()) {
      int bytes = Math.min(in.readableBytes(), buffer.writableBytes());
      in.getBytes(in.readerIndex(), buffer, buffer.writerIndex(), bytes);
      in.skipBytes(bytes);
      written(bytes);
    }
  }

  /** All bytes so far: a server that makes progress sends some. */
  long receivedBytes() {
    return receivedBytes;
  }

  /** Whether an answer has arrived: the server speaks the protocol. */
  boolean hasAnswered() {
    return answered;
  }

  /** From now on pages are dropped, and an int follows the last answer. */
  void expectEnd() {
    endExpected = true;
  }

  /** Whether the session's end was answered. */
  boolean isEnded() {
    return ended;
  }

  /** The answer to the session's end; 0 for success. */
  int status() {
    return status;
  }

  /** What the server did wrong; null for nothing. */
  @Nullable String error() {
    return error;
  }

  /** Ignores all further bytes. */
  void stop() {
    ended = true;
  }

  /** Whether no more bytes are to be read. */
  boolean isOver() {
    return ended || error != null;
  }

  private void parse() {
    boolean progress = true;
    while (progress && !isOver()) {
      if (pagesLeft > 0) {
        progress = parsePages();
      } else if (!requests.isEmpty()) {
        progress = parseHeader();
      } else {
        progress = parseEnd();
      }
    }
  }

  /** Hands over the whole pages that are there. The receiver may make requests, or end this. */
  private boolean parsePages() {
    int count = Math.min(pagesLeft, buffer.readableBytes() / PAGE_BYTES);
    if (count == 0) {
      return false;
    }
    long from = address;
    long data = bufferAddress + buffer.readerIndex();
    buffer.skipBytes(count * PAGE_BYTES);
    address += (long) count * PAGE_BYTES;
    pagesLeft -= count;
    if (!endExpected && !dropsAnswer) {
      receiver.pages(pid, from, count, data);
      if (pagesLeft == 0 && pagesUnanswered > 0 && !isOver()) {
        receiver.unanswered(pid, address, pagesUnanswered);
      }
    }
    return true;
  }

  private boolean parseHeader() {
    if (buffer.readableBytes() < header.bytes()) {
      return false;
    }
    int at = buffer.readerIndex();
    long pages = header.pages(buffer, at);
    pid = requests.pid();
    address = requests.address();
    if (header.command(buffer, at) != PageServerCommand.ADD_WITH_FLAGS
        || (header.flags(buffer, at) & PageFlags.PRESENT) == 0
        || header.address(buffer, at) != address
        || header.target(buffer, at) != pid
        || pages < 1
        || pages > requests.pages()) {
      error = WrongAnswer.describe(header, requests, buffer, at);
      return false;
    }
    buffer.skipBytes(header.bytes());
    answered = true;
    pagesLeft = (int) pages;
    pagesUnanswered = requests.pages() - pagesLeft;
    requests.remove();
    dropsAnswer = answersToDrop > 0;
    answersToDrop -= dropsAnswer ? 1 : 0;
    return true;
  }

  private boolean parseEnd() {
    if (!endExpected) {
      if (buffer.isReadable()) {
        error = "sent " + buffer.readableBytes() + " bytes that were not requested";
      }
      return false;
    }
    if (buffer.readableBytes() < Integer.BYTES) {
      return false;
    }
    status = buffer.readIntLE();
    ended = true;
    return false;
  }

  /** Moves the part of a page or a header that has arrived to the start. */
  private void compact() {
    if (buffer.isReadable()) {
      buffer.discardReadBytes();
    } else {
      buffer.clear();
    }
  }
}
