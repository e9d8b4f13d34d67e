package io.faultline.tests.migration;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An outgoing VM of 2 MiB pages that writes to some base pages when it is paused, and never before,
 * so that exactly these are stale.
 */
final class VmWritingAtPause implements OutgoingVm, AutoCloseable {
  private final MemoryRegion ram;
  private final long[] written;
  private @Nullable SimpleMeterRegistry registry;
  private volatile double bytesSent = -1;
  private boolean paused;

  /** No page of it is zero. */
  VmWritingAtPause(Kernel kernel, int hugePages, long... written) {
    this.written = written.clone();
    long bytes = hugePages * kernel.pageSizeBytes(PageSize.HUGE_2M);
    ram = MemoryRegion.map(kernel, 0, "ram", Backing.HUGETLB_2M, bytes);
    for (long page = 0; page < ram.basePageCount(); page++) {
      memory().set(JAVA_LONG, page * ram.basePageBytes(), ~page);
    }
  }

  /** Makes {@link #bytesSent} available: the meter is read at the pause. */
  void countBytes(SimpleMeterRegistry from) {
    registry = from;
  }

  /** The bytes sent when it was paused. */
  long bytesSent() {
    return (long) bytesSent;
  }

  MemorySegment memory() {
    return ram.guest().data();
  }

  /** The first word of a page that it writes to. */
  long writtenTo(long page) {
    return page * page;
  }

  @Override
  public void pause() {
    for (long page : written) {
      memory().set(JAVA_LONG, page * ram.basePageBytes(), writtenTo(page));
    }
    paused = true;
    if (registry != null) {
      bytesSent = registry.get("faultline.bytes.sent").functionCounter().count();
    }
  }

  @Override
  public DirtyLog dirtyLog() {
    return new DirtyLog() {
      @Override
      public String name() {
        return "vm";
      }

      @Override
      public void start() {}

      @Override
      public void collect(MemoryRegion region, PageBitmap into) {
        for (long page : written) {
          if (paused) {
            into.set(page, page + 1);
          }
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public String type() {
    return "writes-at-pause";
  }

  @Override
  public ByteString configuration() {
    return ByteString.EMPTY;
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.of(ram);
  }

  @Override
  public void resume() {
    throw new IllegalStateException("the migration failed");
  }

  @Override
  public ByteString deviceState() {
    return ByteString.EMPTY;
  }

  @Override
  public void close() {
    ram.close();
  }
}
