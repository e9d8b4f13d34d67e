package io.faultline.tests.criu;

import io.faultline.restore.image.PageFlags;
import io.faultline.restore.image.Pagemap;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.ParentImages;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Makes of the images of a whole dump those of an incremental one, as {@code criu pre-dump} and
 * {@code dump --track-mem} write them: for that CRIU needs a kernel with CONFIG_MEM_SOFT_DIRTY, and
 * its pre-dump aborts on others.
 */
final class IncrementalImages {
  private static final int PAGE = 4096;
  private static final String PAGES = "pages-1.img";
  private static final int PAGES_ID = 2;

  private IncrementalImages() {}

  /**
   * The first half of each lazy range is in the parent's images alone.
   *
   * @param images with the pages of one process
   */
  static void split(Path images, int pid) throws IOException {
    Path parent = Files.createDirectory(images.resolve("before"));
    String name = "pagemap-" + pid + ".img";
    Files.move(images.resolve(name), parent.resolve(name));
    Files.move(images.resolve(PAGES), parent.resolve(PAGES));
    Files.createSymbolicLink(images.resolve("parent"), parent.getFileName());
    Pagemap whole = Objects.requireNonNull(ParentImages.of(images).pagemap(name));
    try (FileChannel pages = FileChannel.open(whole.pagesFile());
        PagemapWriter writer = PagemapWriter.create(images, name, PAGES_ID, whole.isWide())) {
      for (int entry = 0; entry < whole.count(); entry++) {
        split(whole, entry, pages, writer);
      }
      writer.force();
    }
  }

  private static void split(Pagemap whole, int entry, FileChannel pages, PagemapWriter writer)
      throws IOException {
    long start = whole.startOf(entry);
    boolean lazy = whole.has(entry, PageFlags.LAZY);
    long before = lazy ? whole.pagesOf(entry) / 2 : 0;
    long after = whole.pagesOf(entry) - before;
    if (before > 0) {
      writer.add(start, before, PageFlags.PARENT);
    }
    writer.add(
        start + before * PAGE,
        after,
        lazy ? PageFlags.LAZY | PageFlags.PRESENT : PageFlags.PRESENT);
    long offset = whole.offsetOf(entry) + before * PAGE;
    long bytes = after * PAGE;
    if (pages.transferTo(offset, bytes, writer.pages()) != bytes) {
      throw new IOException("not all of " + bytes + " bytes at " + offset + " were copied");
    }
  }
}
