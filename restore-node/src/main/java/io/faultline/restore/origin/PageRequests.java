package io.faultline.restore.origin;

import io.faultline.restore.image.PageExtents;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.process.TcpProgress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The requests to a page server: those that are not answered, and the bytes that are not sent. With
 * a {@link RequestJournal} if another program may continue. Confined to the session's event loop.
 */
final class PageRequests implements AutoCloseable {
  private final PageServerHeader header;
  private final IntFunction<TaskImage> tasks;
  private final RequestQueue queue = new RequestQueue();
  private final RequestWriter writer = new RequestWriter();
  private @Nullable RequestJournal journal;

  /**
   * @param tasks the images of a process, by its id
   */
  PageRequests(PageServerHeader header, IntFunction<TaskImage> tasks) {
    this.header = header;
    this.tasks = tasks;
  }

  /** Those that are not answered. */
  RequestQueue queue() {
    return queue;
  }

  /** Asks for pages, at the next {@link #flush}. */
  void request(int pid, long address, int pages) {
    queue.add(pid, address, pages);
    append(PageServerCommand.GET, pages, address, pid);
  }

  /**
   * Checks a request.
   *
   * @throws IllegalArgumentException if a server would never answer it, and keep its process frozen
   *     after the end of the session
   */
  void check(int pid, long address, int pages) {
    PageExtents extents = tasks.apply(pid).extents();
    int extent = extents.find(address);
    if (extent < 0
        || pages < 1
        || address + (long) pages * DumpLayout.PAGE_BYTES > extents.endOf(extent)) {
      throw new IllegalArgumentException(
          String.format("%d pages at 0x%x of process %d: not of one extent", pages, address, pid));
    }
  }

  /** Tells the server that the session ends. */
  void end(int command) {
    append(command, 0, 0, 0);
    writer.flush();
  }

  private void append(int command, long pages, long address, long target) {
    ByteBuf gathered = writer.gathered();
    int start = gathered.writerIndex();
    header.write(gathered, command, 0, pages, address, target);
    if (journal != null) {
      journal.add(gathered, start);
    }
  }

  /** Records from now on, over a connection that was not used. */
  RequestJournal record(Path path, TcpProgress now) throws IOException {
    RequestJournal made = RequestJournal.create(path, header, now);
    journal = made;
    made.add(writer.gathered(), writer.gathered().readerIndex());
    return made;
  }

  /** Continues where an earlier program was. Before the first request. */
  void resume(Path path, TcpProgress now, AnswerParser parser) throws IOException {
    RequestJournal opened = RequestJournal.open(path, header);
    journal = opened;
    StreamPosition position = opened.find(now);
    writer.gathered().writeBytes(position.unsent());
    position.open().forEach(each -> queue.add(each.pid(), each.address(), each.pages()));
    parser.record(opened);
    parser.drop(position.unreadBytes(), position.open().size());
  }

  /** The connection is ready: sends what was requested so far. */
  void start(Channel to, @Nullable Socket direct) {
    writer.start(to, direct);
  }

  void flush() {
    writer.flush();
  }

  @Override
  public void close() {
    writer.close();
    if (journal != null) {
      journal.close();
      journal = null;
    }
  }
}
