package io.faultline.dest;

import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The userfaultfd of a migration as a snapshot uses it. Only pages that are there are protected:
 * where a page is missing, the page table stays empty, so that it still shows which pages have
 * arrived; one that arrives is protected by what places it.
 *
 * <p>Thread-safe. After {@link #revoke} nothing reaches the userfaultfd, which may be closed.
 */
final class LentUserfaultfd implements Userfaultfd {
  private static final int RUNS = 512;

  private final Userfaultfd owned;
  private final Pagemap pagemap;
  private final Consumer<LentUserfaultfd> onClose;
  private final WriteFaultQueue faults = new WriteFaultQueue();
  private final PageRegions found = new PageRegions(RUNS);
  private boolean revoked;
  private boolean closed;

  /**
   * @param onClose called once, by the thread that closes it
   */
  LentUserfaultfd(Userfaultfd owned, Pagemap pagemap, Consumer<LentUserfaultfd> onClose) {
    this.owned = owned;
    this.pagemap = pagemap;
    this.onClose = onClose;
  }

  /** A vCPU waits in a write fault. */
  void faulted(long address) {
    faults.add(address);
  }

  /** The migration has ended: memory is not registered any more. */
  synchronized void revoke() {
    revoked = true;
  }

  private synchronized boolean isRevoked() {
    return revoked;
  }

  private void requireLent() {
    if (isRevoked()) {
      throw new SnapshotException(
          "the restore of the VM has ended before its snapshot: not all of its memory has arrived");
    }
  }

  @Override
  public FaultScope scope() {
    return owned.scope();
  }

  @Override
  public Set<Feature> features() {
    return owned.features();
  }

  @Override
  public int fd() {
    return -1;
  }

  @Override
  public void onReadable(Runnable listener) {
    throw refused("onReadable");
  }

  @Override
  public void awaitReadable(int timeoutMillis) {
    faults.await(timeoutMillis);
  }

  @Override
  public int read(EventBuffer buffer) {
    requireLent();
    return faults.read(buffer);
  }

  /** Registered for missing pages as well: the kernel replaces the modes of a range. */
  @Override
  public synchronized Set<UffdIoctl> register(
      long address, long lengthBytes, Set<RegisterMode> modes) {
    requireLent();
    Set<RegisterMode> all = EnumSet.of(RegisterMode.MISSING);
    all.addAll(modes);
    return owned.register(address, lengthBytes, all);
  }

  @Override
  public void unregister(long address, long lengthBytes) {
    requireLent();
    unprotect(address, lengthBytes);
  }

  /** Removes all protection, unless the migration has ended. */
  void unprotect(long address, long lengthBytes) {
    long result;
    do { // EAGAIN: the mappings of the process are changing
      result = writeProtect(address, lengthBytes, ProtectMode.UNPROTECT);
    } while (!FillResult.isComplete(result));
  }

  @Override
  public synchronized long writeProtect(long address, long lengthBytes, ProtectMode mode) {
    if (revoked) { // nothing is protected
      return FillResult.of(lengthBytes, 0);
    }
    return mode == ProtectMode.PROTECT
        ? protectPresent(address, address + lengthBytes)
        : owned.writeProtect(address, lengthBytes, mode);
  }

  private long protectPresent(long start, long end) {
    for (long at = start; at < end; at = found.walkEnd()) {
      pagemap.scan(at, end, PagemapQuery.PRESENT_OR_SWAPPED, found);
      for (int i = 0; i < found.size(); i++) {
        long first = Math.max(at, found.start(i));
        long bytes = Math.min(end, found.end(i)) - first;
        long result = owned.writeProtect(first, bytes, ProtectMode.PROTECT);
        if (!FillResult.isComplete(result)) {
          return FillResult.of(0, FillResult.errno(result));
        }
      }
      if (found.walkEnd() <= at) {
        throw new IllegalStateException("PAGEMAP_SCAN stopped at 0x" + Long.toHexString(at));
      }
    }
    return FillResult.of(end - start, 0);
  }

  @Override
  public synchronized void wake(long address, long lengthBytes) {
    if (!revoked) {
      owned.wake(address, lengthBytes);
    }
  }

  /** Gives it back. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    onClose.accept(this);
  }

  @Override
  public long copy(long destination, long source, long lengthBytes, FillMode mode) {
    throw refused("copy");
  }

  @Override
  public long zeroPage(long address, long lengthBytes, FillMode mode) {
    throw refused("zeroPage");
  }

  @Override
  public long continueFault(long address, long lengthBytes, FillMode mode) {
    throw refused("continueFault");
  }

  @Override
  public long move(long destination, long source, long lengthBytes, MoveMode mode) {
    throw refused("move");
  }

  @Override
  public long poison(long address, long lengthBytes, FillMode mode) {
    throw refused("poison");
  }

  @Override
  public Userfaultfd adoptForked(int forkedDescriptor) {
    throw refused("adoptForked");
  }

  private static UnsupportedOperationException refused(String call) {
    return new UnsupportedOperationException(call + " of a lent userfaultfd: only its owner may");
  }
}
