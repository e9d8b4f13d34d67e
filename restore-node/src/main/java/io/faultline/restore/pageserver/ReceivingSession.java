package io.faultline.restore.pageserver;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.image.PageFlags;
import io.faultline.restore.image.ParentImages;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Receives pages from {@code criu dump --page-server} or {@code pre-dump --page-server}, and writes
 * them as images. Everything is on the disk before the end of the session is answered: the dump
 * then ends its process.
 */
final class ReceivingSession implements Session {
  /**
   * Clear of the numbers that the dump itself uses for pages files, if the directory is the same.
   */
  private static final int FIRST_PAGES_ID = 0x10001;

  private static final int SUCCESS = 0;

  private final Path directory;
  private final ParentImages parents;
  private @Nullable Channel channel;
  private @Nullable ReceivedPagemap open;
  private int nextPagesId = FIRST_PAGES_ID;
  private boolean complete;

  ReceivingSession(Path directory) {
    this.directory = directory;
    parents = ParentImages.of(directory);
  }

  @Override
  public void start(Channel connected) {
    channel = connected;
  }

  @Override
  public PageServerHeader header(int command, ByteBuf in, int index) throws PageServerException {
    return switch (command) {
      case PageServerCommand.OPEN, PageServerCommand.OPEN_ANSWERED, PageServerCommand.PARENT ->
          PageServerHeader.ofFirstOpen(in, index);
      // Nothing was dumped. Both headers start with the command; what follows is ignored.
      case PageServerCommand.CLOSE, PageServerCommand.FORCE_CLOSE -> PageServerHeader.NARROW;
      default ->
          throw new PageServerException(
              "the client starts with command "
                  + command
                  + ": it is no criu dump; is --lazy-pages missing here?");
    };
  }

  @Override
  public long command(PageServerHeader header, ByteBuf in, int index) throws IOException {
    if (complete) {
      return 0;
    }
    int command = header.command(in, index);
    return switch (command) {
      case PageServerCommand.PARENT -> {
        answer(Integer.BYTES, parents.has(target(header, in, index).fileName()) ? 1 : 0);
        yield 0;
      }
      case PageServerCommand.OPEN, PageServerCommand.OPEN_ANSWERED -> {
        boolean hasParent = open(target(header, in, index), header);
        if (command == PageServerCommand.OPEN_ANSWERED) {
          answer(Byte.BYTES, hasParent ? 1 : 0);
        }
        yield 0;
      }
      case PageServerCommand.ADD -> add(header, in, index, PageFlags.PRESENT);
      case PageServerCommand.HOLE -> add(header, in, index, PageFlags.PARENT);
      case PageServerCommand.ADD_WITH_FLAGS -> add(header, in, index, header.flags(in, index));
      case PageServerCommand.CLOSE, PageServerCommand.FORCE_CLOSE -> {
        closePagemap();
        complete = true;
        answer(Integer.BYTES, SUCCESS);
        yield 0;
      }
      default -> throw new PageServerException("the client sent the unknown command " + command);
    };
  }

  private static DumpTarget target(PageServerHeader header, ByteBuf in, int index)
      throws PageServerException {
    return DumpTarget.of(header.target(in, index));
  }

  /** Returns whether the images of the dump before have the same. */
  private boolean open(DumpTarget target, PageServerHeader header) throws IOException {
    closePagemap();
    boolean wide = header == PageServerHeader.WIDE;
    ReceivedPagemap created = ReceivedPagemap.create(directory, target, nextPagesId, wide, parents);
    nextPagesId++;
    open = created;
    return created.hasParent();
  }

  private long add(PageServerHeader header, ByteBuf in, int index, int flags) throws IOException {
    ReceivedPagemap pagemap = open;
    if (pagemap == null) {
      throw new PageServerException("the client sent pages before it said whose");
    }
    long pages = header.pages(in, index);
    pagemap.add(target(header, in, index), header.address(in, index), pages, flags);
    return (flags & PageFlags.PRESENT) == 0 ? 0 : pages * PAGE_BYTES;
  }

  @Override
  public void contents(ByteBuf in, int bytes) throws IOException {
    if (open != null) {
      open.write(in, bytes);
    }
  }

  private void answer(int bytes, int value) {
    Channel to = channel;
    if (to != null) {
      ByteBuf answer = to.alloc().buffer(Integer.BYTES);
      to.writeAndFlush(bytes == Byte.BYTES ? answer.writeByte(value) : answer.writeIntLE(value));
    }
  }

  private void closePagemap() throws IOException {
    ReceivedPagemap pagemap = open;
    open = null;
    if (pagemap != null) {
      pagemap.finish();
    }
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void ended() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
    if (!complete) {
      throw new PageServerException(
          "the client closed the connection before the end of the dump: the images in "
              + directory
              + " are not complete; see the log of the dump");
    }
  }
}
