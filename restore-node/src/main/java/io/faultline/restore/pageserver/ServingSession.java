package io.faultline.restore.pageserver;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.image.PageExtents;
import io.faultline.restore.image.PageFlags;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.ssl.SslHandler;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Serves pages of images to one {@code criu lazy-pages}. Long answers go from the page cache to the
 * socket without passing through this process.
 */
final class ServingSession implements Session {
  /** Shorter answers are read and sent with their header in one call, which is faster. */
  private static final int FILE_REGION_BYTES = 32 << 10;

  /** The largest piece of an encrypted answer. */
  private static final int PIECE_BYTES = 256 << 10;

  private static final int SUCCESS = 0;

  private final ServedImages images;
  private @Nullable Channel channel;
  private boolean encrypted;
  private boolean started;
  private boolean complete;
  private long pagesSent;

  ServingSession(ServedImages images) {
    this.images = images;
  }

  @Override
  public void start(Channel connected) {
    channel = connected;
    encrypted = connected.pipeline().get(SslHandler.class) != null;
  }

  @Override
  public PageServerHeader header(int command, ByteBuf in, int index) throws PageServerException {
    return switch (command) {
      case PageServerCommand.GET -> PageServerHeader.ofFirstGet(in, index);
      // Nothing was needed. Both headers start with the command; what follows is ignored.
      case PageServerCommand.CLOSE, PageServerCommand.FORCE_CLOSE -> PageServerHeader.NARROW;
      default ->
          throw new PageServerException(
              "the client starts with command "
                  + command
                  + ": it is no criu lazy-pages; this server has --lazy-pages and receives"
                  + " nothing");
    };
  }

  @Override
  public long command(PageServerHeader header, ByteBuf in, int index) throws IOException {
    Channel to = channel;
    if (complete || to == null) {
      return 0;
    }
    started = true;
    int command = header.command(in, index);
    switch (command) {
      case PageServerCommand.GET ->
          send(
              to,
              header,
              header.target(in, index),
              header.address(in, index),
              header.pages(in, index));
      case PageServerCommand.CLOSE, PageServerCommand.FORCE_CLOSE -> {
        complete = true;
        to.writeAndFlush(to.alloc().buffer(Integer.BYTES).writeIntLE(SUCCESS));
      }
      default -> throw new PageServerException("the client sent the unknown command " + command);
    }
    return 0;
  }

  private void send(Channel to, PageServerHeader header, long pid, long address, long pages)
      throws IOException {
    PageExtents extents = images.pages(pid);
    int extent = extents.find(address);
    if (extent < 0 || address % PAGE_BYTES != 0 || pages < 1) {
      throw new PageServerException(
          String.format(
              "the client asks for %s pages at 0x%x of process %d, where the images have none",
              Long.toUnsignedString(pages), address, pid));
    }
    if (extents.fileOf(extent) == PageExtents.AT_SOURCE) {
      throw new PageServerException(
          String.format(
              "the contents of the page at 0x%x of process %d are not in the images: they are of a"
                  + " dump --lazy-pages, which serves them itself",
              address, pid));
    }
    long count = Math.min(pages, (extents.endOf(extent) - address) / PAGE_BYTES);
    long most = header == PageServerHeader.NARROW ? Integer.MAX_VALUE : count;
    count = Math.min(count, most);
    Path path = extents.files().get(extents.fileOf(extent));
    long offset = extents.offsetOf(extent) + (address - extents.startOf(extent));
    ByteBuf answer = to.alloc().directBuffer(header.bytes());
    header.write(answer, PageServerCommand.ADD_WITH_FLAGS, PageFlags.PRESENT, count, address, pid);
    send(to, answer, path, offset, count * PAGE_BYTES);
    pagesSent += count;
  }

  private void send(Channel to, ByteBuf header, Path path, long offset, long bytes)
      throws IOException {
    FileChannel file = images.file(path);
    if (bytes > FILE_REGION_BYTES && !encrypted) {
      to.write(header, to.voidPromise());
      to.writeAndFlush(new SharedFileRegion(file, offset, bytes), to.voidPromise());
      return;
    }
    long end = offset + bytes;
    ByteBuf piece = header;
    for (long at = offset; at < end; ) {
      int length = (int) Math.min(PIECE_BYTES, end - at);
      read(file, path, piece, at, length);
      to.write(piece, to.voidPromise());
      at += length;
      if (at < end) {
        piece = to.alloc().directBuffer((int) Math.min(PIECE_BYTES, end - at));
      }
    }
    to.flush();
  }

  private static void read(FileChannel file, Path path, ByteBuf to, long offset, int length)
      throws IOException {
    to.ensureWritable(length);
    for (int done = 0; done < length; ) {
      int read = to.writeBytes(file, offset + done, length - done);
      if (read < 0) {
        to.release();
        throw new EOFException(path + ": was truncated while it was served");
      }
      done += read;
    }
  }

  @Override
  public void contents(ByteBuf in, int bytes) {
    throw new IllegalStateException("no command of this session has contents");
  }

  @Override
  public boolean isReady() {
    return channel == null || channel.isWritable();
  }

  /** Whether the client has sent a command. */
  boolean isStarted() {
    return started;
  }

  /** The pages of all answers. */
  long pagesSent() {
    return pagesSent;
  }

  @Override
  public void ended() throws PageServerException {
    if (!complete) {
      throw new PageServerException(
          "the client closed the connection before it had asked for all pages, after "
              + pagesSent
              + " pages: see the log of its lazy-pages");
    }
  }

  /** A part of a file that stays open. */
  private static final class SharedFileRegion extends DefaultFileRegion {
    SharedFileRegion(FileChannel file, long offset, long bytes) {
      super(file, offset, bytes);
    }

    @Override
    protected void deallocate() {}
  }
}
