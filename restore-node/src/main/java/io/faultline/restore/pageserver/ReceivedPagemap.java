package io.faultline.restore.pageserver;

import io.faultline.restore.image.PageFlags;
import io.faultline.restore.image.Pagemap;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.ParentImages;
import io.netty.buffer.ByteBuf;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A pagemap with its pages that is being received. Used by one thread. Errors of the file system
 * name the file.
 */
final class ReceivedPagemap implements Closeable {
  private final Path file;
  private final DumpTarget target;
  private final PagemapWriter writer;
  private final @Nullable Pagemap parent;

  private ReceivedPagemap(
      Path file, DumpTarget target, PagemapWriter writer, @Nullable Pagemap parent) {
    this.file = file;
    this.target = target;
    this.writer = writer;
    this.parent = parent;
  }

  static ReceivedPagemap create(
      Path directory, DumpTarget target, int pagesId, boolean wide, ParentImages parents)
      throws IOException {
    Path file = directory.resolve(target.fileName());
    Pagemap parent = parents.pagemap(target.fileName());
    try {
      return new ReceivedPagemap(
          file, target, PagemapWriter.create(directory, target.fileName(), pagesId, wide), parent);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  boolean hasParent() {
    return parent != null;
  }

  /**
   * Adds an entry; if it is {@link PageFlags#PRESENT}, its contents follow.
   *
   * @throws PageServerException if the client must not send it
   */
  void add(DumpTarget of, long address, long pages, int flags) throws IOException {
    if (!of.equals(target)) {
      throw new PageServerException(
          "the client sent pages for " + of.fileName() + " while " + file + " is open");
    }
    boolean inParent = (flags & (PageFlags.PARENT | PageFlags.PRESENT)) == PageFlags.PARENT;
    if (inParent && (parent == null || !covers(parent, address, pages))) {
      throw new PageServerException(
          String.format(
              "%d pages at 0x%x of %s are not in the images of the dump before: dump again, with"
                  + " --prev-images-dir at both sides",
              pages, address, target.fileName()));
    }
    try {
      writer.add(address, pages, flags);
    } catch (IllegalArgumentException e) {
      throw new PageServerException("the client sent " + e.getMessage(), e);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static boolean covers(Pagemap parent, long address, long pages) {
    return pages > 0 && pages < 1L << 44 && parent.covers(address, pages);
  }

  /** Appends contents. */
  void write(ByteBuf in, int bytes) throws IOException {
    try {
      int left = bytes;
      while (left > 0) {
        left -= in.readBytes(writer.pages(), left);
      }
    } catch (IOException e) {
      throw failed(writer.pagesFile(), e);
    }
  }

  /** Writes everything to the disk, and closes. */
  void finish() throws IOException {
    try (this) {
      writer.force();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static PageServerException failed(Path file, IOException e) {
    String reason =
        e instanceof FileSystemException system && system.getReason() != null
            ? system.getReason()
            : String.valueOf(e.getMessage());
    return new PageServerException(
        file
            + ": cannot be written ("
            + reason
            + "): make room or check the directory, and dump"
            + " again",
        e);
  }
}
