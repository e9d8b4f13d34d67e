package io.faultline.restore.origin;

import io.faultline.restore.image.PageExtents;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Pages from image files. They are handed over at the address of a mapping of the file, so that the
 * kernel copies them straight from the page cache into the process.
 *
 * <p>An answer's address is to be read by system calls only: see {@link PagesFile}.
 */
public final class ImageOrigin implements PageOrigin {
  private final IntFunction<TaskImage> tasks;
  private final Kernel kernel;
  private final Map<Path, PagesFile> files = new HashMap<>();

  /** Confined to the loop, as this is: it is created in {@link #start}. */
  private @Nullable Arena mappings;

  private @Nullable PageReceiver receiver;

  /**
   * @param tasks the images of a process, by its id
   * @param kernel gives advice on the mappings of this process
   */
  public ImageOrigin(IntFunction<TaskImage> tasks, Kernel kernel) {
    this.tasks = tasks;
    this.kernel = kernel;
  }

  @Override
  public void start(PageReceiver to) {
    mappings = Arena.ofConfined();
    receiver = to;
    to.source().leased(Long.MAX_VALUE); // images stay
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    PageReceiver to = receiver;
    if (to == null) {
      return; // has failed or ended
    }
    PageExtents extents = tasks.apply(pid).extents();
    int extent = extents.find(address);
    long lengthBytes = (long) pages * DumpLayout.PAGE_BYTES;
    if (extent < 0 || pages < 1 || address + lengthBytes > extents.endOf(extent)) {
      throw new IllegalArgumentException(
          String.format("%d pages at 0x%x of process %d: not of one extent", pages, address, pid));
    }
    int index = extents.fileOf(extent);
    if (index == PageExtents.AT_SOURCE) {
      fail(
          "the images have no contents of process "
              + pid
              + "'s lazy pages: they are at the source of the dump; give its page server's address"
              + " with --page-server --address HOST --port PORT");
      return;
    }
    long offset = extents.offsetOf(extent) + (address - extents.startOf(extent));
    PagesFile file = file(extents.files().get(index), offset + lengthBytes);
    if (file != null) {
      answer(to, file, pid, address, offset, lengthBytes);
    }
  }

  /** Answers holes of the file as zeros. The receiver may end this meanwhile. */
  private void answer(
      PageReceiver to, PagesFile file, int pid, long address, long offset, long lengthBytes) {
    long done = 0;
    while (done < lengthBytes && to.equals(receiver)) {
      long at = offset + done;
      long hole = file.holeBytes(at);
      long bytes = Math.min(lengthBytes - done, hole > 0 ? hole : file.contentBytes(at));
      int count = (int) (bytes / DumpLayout.PAGE_BYTES);
      if (hole > 0) {
        to.zeros(pid, address + done, count);
      } else {
        to.pages(pid, address + done, count, file.use(at, bytes));
      }
      done += bytes;
    }
  }

  /** The mapped file; null if it failed, which was reported. */
  private @Nullable PagesFile file(Path path, long neededBytes) {
    PagesFile file = files.get(path);
    Arena arena = mappings;
    if (file == null && arena != null) {
      try {
        file = PagesFile.map(path, arena, kernel);
        files.put(path, file);
      } catch (IOException e) {
        fail(path + ": cannot be read (" + e.getMessage() + "): copy the images again");
        return null;
      }
    }
    if (file != null && file.lengthBytes() < neededBytes) {
      fail(
          String.format(
              "%s: was truncated to %d bytes after it was checked: copy the images again",
              path, file.lengthBytes()));
      return null;
    }
    return file;
  }

  @Override
  public String damage() {
    for (Map.Entry<Path, PagesFile> each : files.entrySet()) {
      String damage = damage(each.getKey(), each.getValue().lengthBytes());
      if (!damage.isEmpty()) {
        return damage;
      }
    }
    return "";
  }

  private static String damage(Path file, long mappedBytes) {
    try {
      long bytes = Files.size(file);
      return bytes >= mappedBytes
          ? ""
          : file
              + ": was truncated to "
              + bytes
              + " bytes while it was read: copy the images again";
    } catch (IOException e) {
      return ""; // a file that was deleted can still be read
    }
  }

  private void fail(String reason) {
    PageReceiver to = receiver;
    abort();
    if (to != null) {
      to.failed(reason);
    }
  }

  @Override
  public void flush() {}

  @Override
  public boolean isImmediate() {
    return true;
  }

  @Override
  public boolean isResumable() {
    return true;
  }

  @Override
  public void finish() {
    PageReceiver to = receiver;
    abort();
    if (to != null) {
      to.source().owned(); // nobody else has the processes
      to.finished();
    }
  }

  @Override
  public void abort() {
    receiver = null;
    files.values().forEach(PagesFile::close);
    files.clear();
    Arena arena = mappings;
    mappings = null;
    if (arena != null) {
      arena.close();
    }
  }
}
