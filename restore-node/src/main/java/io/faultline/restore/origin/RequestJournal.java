package io.faultline.restore.origin;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.faultline.restore.file.MappedFile;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.TcpProgress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What was asked of a page server, and the headers of its answers, in a mapped file: with the
 * kernel's counts of what was read and written ({@link TcpProgress}), another program knows where
 * in both streams this one was when it was killed. An answer may be shorter than its request, so
 * its header must not be lost: the kernel writes it here.
 *
 * <pre>
 *   0            8               16               64             96
 *   +------------+---------------+----------------+--------------+-------------+---
 *   | read bytes | written bytes | (unused)       | request      | its answer  | ...
 *   +------------+---------------+----------------+--------------+-------------+---
 *   counts when the session began                  headers, of up to 32 bytes each
 * </pre>
 *
 * <p>A request is here before it is sent. The first one whose bytes are zero is none.
 *
 * <p>Confined to the session's event loop.
 */
final class RequestJournal implements AutoCloseable {
  private static final long READ = 0;
  private static final long WRITTEN = 8;
  private static final int START = 64;
  private static final int RECORD_BYTES = 64;
  private static final int ANSWER = 32;

  private final MappedFile file;
  private final PageServerHeader header;
  private long requests;
  private long answers;
  private int answerBytes;

  private RequestJournal(MappedFile file, PageServerHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Begins a journal for a connection over which nothing was sent.
   *
   * @throws IOException if the file cannot be written
   */
  static RequestJournal create(Path path, PageServerHeader header, TcpProgress start)
      throws IOException {
    RequestJournal journal = new RequestJournal(MappedFile.open(path), header);
    journal.file.memory().set(JAVA_LONG_UNALIGNED, READ, start.readBytes());
    journal.file.memory().set(JAVA_LONG_UNALIGNED, WRITTEN, start.writtenBytes());
    return journal;
  }

  /**
   * Opens the journal of an earlier program.
   *
   * @throws IOException if the file cannot be written
   */
  static RequestJournal open(Path path, PageServerHeader header) throws IOException {
    return new RequestJournal(MappedFile.open(path), header);
  }

  /**
   * Finds where the earlier program was, and continues there.
   *
   * @param now of the connection, which nobody uses
   * @throws IOException if the file does not fit the connection
   */
  StreamPosition find(TcpProgress now) throws IOException {
    MemorySegment memory = file.memory();
    long read = now.readBytes() - memory.get(JAVA_LONG_UNALIGNED, READ);
    long written = now.writtenBytes() - memory.get(JAVA_LONG_UNALIGNED, WRITTEN);
    long whole = written / header.bytes();
    int part = (int) (written % header.bytes());
    requests = whole + (part > 0 ? 1 : 0);
    if (read < 0 || written < 0 || !areRecorded(requests)) {
      throw new IOException(
          file.name() + ": does not have the " + written + " bytes that were sent");
    }
    ByteBuf unsent =
        part > 0 ? bytes(at(whole), header.bytes()).skipBytes(part) : Unpooled.EMPTY_BUFFER;
    long beyond = skipAnswers(read);
    answerBytes = (int) Math.max(0, beyond);
    forgetUnsent();
    return new StreamPosition(unsent, Math.max(0, -beyond), openRequests());
  }

  private List<StreamPosition.Open> openRequests() {
    List<StreamPosition.Open> open = new ArrayList<>();
    for (long i = answers; i < requests; i++) {
      ByteBuf request = bytes(at(i), header.bytes());
      open.add(
          new StreamPosition.Open(
              (int) header.target(request, 0),
              header.address(request, 0),
              (int) header.pages(request, 0)));
    }
    return open;
  }

  /**
   * Walks over the answers that were read.
   *
   * @return how many bytes of the next header were read; negative if the contents of the answer
   *     before are to come, so many bytes
   */
  private long skipAnswers(long readBytes) throws IOException {
    long end = 0;
    while (end < readBytes) {
      long left = readBytes - end;
      if (answers == requests) {
        throw new IOException(file.name() + ": " + left + " bytes were read that were not asked");
      }
      if (left < header.bytes()) {
        return left;
      }
      ByteBuf answer = bytes(at(answers) + ANSWER, header.bytes());
      long pages = header.pages(answer, 0);
      if (pages < 1 || pages > header.pages(bytes(at(answers), header.bytes()), 0)) {
        throw new IOException(file.name() + ": an answer of " + pages + " pages");
      }
      end += header.bytes() + pages * DumpLayout.PAGE_BYTES;
      answers++;
    }
    return readBytes - end;
  }

  private boolean areRecorded(long count) {
    long last = at(count - 1);
    return count == 0
        || (last + RECORD_BYTES <= file.memory().byteSize()
            && file.memory().get(JAVA_INT_UNALIGNED, last) != 0);
  }

  /** They were written here, and not sent. */
  private void forgetUnsent() {
    MemorySegment memory = file.memory();
    memory.asSlice(at(requests)).fill((byte) 0);
  }

  private ByteBuf bytes(long offset, int count) {
    return Unpooled.wrappedBuffer(file.memory().asSlice(offset, count).asByteBuffer());
  }

  private static long at(long record) {
    return START + record * RECORD_BYTES;
  }

  /** Requests, before they are sent: all headers in a buffer from an index on. */
  void add(ByteBuf sent, int from) {
    for (int at = from; at < sent.writerIndex(); at += header.bytes()) {
      long offset = at(requests++);
      file.require(at(requests));
      sent.getBytes(at, file.memory().asSlice(offset, header.bytes()).asByteBuffer());
    }
  }

  /** The native address for the next bytes of the header of the next answer. */
  long place() {
    return file.memory().address() + at(answers) + ANSWER + answerBytes;
  }

  /** How many are to come. */
  int placeBytes() {
    return header.bytes() - answerBytes;
  }

  /**
   * Bytes were written to the {@link #place}.
   *
   * @param to gets the header when it is whole
   */
  void written(int bytes, ByteBuf to) {
    answerBytes += bytes;
    if (answerBytes == header.bytes()) {
      to.writeBytes(bytes(at(answers) + ANSWER, answerBytes));
      answerBytes = 0;
      answers++;
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
