package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.image.messages.PagemapEntry;
import io.faultline.restore.image.messages.PagemapHead;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a pagemap and its pages file. Files of the same names are replaced. Used by one thread.
 */
public final class PagemapWriter implements Closeable {
  private final ImageWriter entries;
  private final Path pagesFile;
  private final FileChannel pages;
  private final boolean wide;
  private long end;

  private PagemapWriter(ImageWriter entries, Path pagesFile, FileChannel pages, boolean wide) {
    this.entries = entries;
    this.pagesFile = pagesFile;
    this.pages = pages;
    this.wide = wide;
  }

  /**
   * Creates both files, in the directory: links of these names are not followed.
   *
   * @param name of the pagemap file, such as {@code pagemap-7.img}
   * @param pagesId names the pages file, such as {@code pages-1.img}
   * @param wide whether to write counts of 64 bits as CRIU does since 4.2; those of 32 bits, which
   *     earlier versions read, are always there if they suffice
   */
  public static PagemapWriter create(Path directory, String name, int pagesId, boolean wide)
      throws IOException {
    Path pagesFile = directory.resolve("pages-" + Integer.toUnsignedString(pagesId) + ".img");
    FileChannel pages =
        FileChannel.open(
            pagesFile,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    try {
      ImageWriter entries = ImageWriter.create(directory.resolve(name), ImageType.PAGEMAP);
      entries.add(PagemapHead.newBuilder().setPagesId(pagesId).build());
      return new PagemapWriter(entries, pagesFile, pages, wide);
    } catch (IOException e) {
      pages.close();
      throw e;
    }
  }

  /**
   * Adds an entry. With {@link PageFlags#PRESENT}, the caller then appends its contents to {@link
   * #pages}.
   *
   * @param start a multiple of 4096, not before the end of the last entry
   * @param count of pages, at least 1
   * @param flags of {@link PageFlags}
   * @throws IllegalArgumentException if start, count or flags are not valid
   */
  public void add(long start, long count, int flags) throws IOException {
    if (start < end
        || start % PAGE_BYTES != 0
        || count < 1
        || count > (Long.MAX_VALUE - start) / PAGE_BYTES
        || (flags & ~PageFlags.ALL) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "an entry of %d pages at 0x%x with flags 0x%x, after 0x%x",
              count, start, flags, end));
    }
    PagemapEntry.Builder entry = PagemapEntry.newBuilder().setVaddr(start).setFlags(flags);
    boolean fits = count <= 0xffff_ffffL;
    entry.setCompatNrPages(fits ? (int) count : 0);
    if (wide || !fits) {
      entry.setNrPages(count);
    }
    entries.add(entry.build());
    end = start + count * PAGE_BYTES;
  }

  /** The file with the contents. */
  public Path pagesFile() {
    return pagesFile;
  }

  /** Takes the contents, at its position. */
  public FileChannel pages() {
    return pages;
  }

  /** Writes everything to the disk. */
  public void force() throws IOException {
    pages.force(true);
    entries.force();
  }

  @Override
  public void close() throws IOException {
    try {
      pages.close();
    } finally {
      entries.close();
    }
  }
}
