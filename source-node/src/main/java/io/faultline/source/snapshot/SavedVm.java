package io.faultline.source.snapshot;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotRegion;
import io.faultline.snapshot.file.WorkingSet;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A VM in a snapshot file, as a migration moves it: it stands paused, and its pages are read from
 * the file when they are sent. To restore a snapshot is to migrate this VM in postcopy mode: so a
 * restore has the requests, the placing, the prefetch and the recovery of a migration. The file is
 * not changed: any number of VMs may be restored from it, also at once.
 *
 * <p>Of the backing of its regions only the size of their pages counts: the destination chooses
 * what they become. As {@link OutgoingVm} for threads.
 */
public final class SavedVm implements OutgoingVm, AutoCloseable {
  private final SnapshotFile file;
  private final List<MemoryRegion> regions = new ArrayList<>();
  private final Queue<LayerReaders> readers = new ConcurrentLinkedQueue<>();
  private final List<PageBitmap> expected;
  private final @Nullable ReadAhead ahead;

  /** Without a working set. */
  public SavedVm(Kernel kernel, SnapshotFile file) {
    this(kernel, file, null);
  }

  /**
   * @param kernel of this process
   * @param file stays open until this is closed
   * @param workingSet the pages to send first; null for none
   * @throws SnapshotException if it cannot be restored on this machine
   */
  public SavedVm(Kernel kernel, SnapshotFile file, @Nullable WorkingSet workingSet) {
    this.file = file;
    long page = kernel.pageSizeBytes(PageSize.BASE);
    if (file.pageBytes() != page) {
      throw new SnapshotException(
          file.path()
              + " has pages of "
              + file.pageBytes()
              + " bytes, this machine of "
              + page
              + ": restore it on a machine like that where it was taken");
    }
    ThreadLocal<LayerReaders> ofThread = ThreadLocal.withInitial(this::newReaders);
    List<SnapshotRegion> saved = file.vm().regions();
    for (int i = 0; i < saved.size(); i++) {
      SnapshotRegion each = saved.get(i);
      SnapshotPages pages = new SnapshotPages(file, i, ofThread);
      regions.add(
          MemoryRegion.saved(
              kernel, each.id(), each.name(), backing(page, each), each.sizeBytes(), pages));
    }
    if (workingSet == null || workingSet.isEmpty()) {
      expected = List.of();
      ahead = null;
    } else {
      expected = workingSet.pages().stream().map(ExpectedPages::of).toList();
      ahead = ReadAhead.start(file, expected);
    }
  }

  private Backing backing(long basePageBytes, SnapshotRegion region) {
    if (region.pageBytes() == basePageBytes) {
      return Backing.ANONYMOUS;
    }
    if (region.pageBytes() == 1L << PageSize.HUGE_2M.shift()) {
      return Backing.HUGETLB_2M;
    }
    throw new SnapshotException(
        file.path()
            + ": its region "
            + region.name()
            + " has pages of "
            + region.pageBytes()
            + " bytes, which cannot be restored; those of up to 2 MiB can");
  }

  private LayerReaders newReaders() {
    LayerReaders of = new LayerReaders(file);
    readers.add(of);
    return of;
  }

  @Override
  public String type() {
    return file.vm().type();
  }

  @Override
  public ByteString configuration() {
    return ByteString.copyFrom(file.vm().configuration());
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.copyOf(regions);
  }

  /** The working set. */
  @Override
  public List<PageBitmap> expectedSoon() {
    return expected;
  }

  /** It does not run, so there is nothing to log. */
  @Override
  public DirtyLog dirtyLog() {
    throw new UnsupportedOperationException("a snapshot moves in postcopy mode only");
  }

  /** It is. */
  @Override
  public void pause() {}

  /** It has never run here: the file stays as it is. */
  @Override
  public void resume() {}

  @Override
  public ByteString deviceState() {
    return ByteString.copyFrom(file.vm().deviceState());
  }

  /** Call it after the migration has ended. */
  @Override
  public void close() {
    if (ahead != null) {
      ahead.close();
    }
    regions.forEach(MemoryRegion::close);
    readers.forEach(LayerReaders::close);
  }
}
