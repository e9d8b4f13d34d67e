package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;

import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** The memory of a {@link TwoPageProgram}. */
enum ProgramMemory {
  PRIVATE(0) {
    @Override
    Userfaultfd open(Kernel kernel) {
      return kernel.openUserfaultfd(
          OpenOptions.of(
              Feature.MOVE, Feature.POISON, Feature.PAGEFAULT_FLAG_WP, Feature.EVENT_UNMAP));
    }

    @Override
    long mapStaging(Kernel kernel, Userfaultfd uffd, long bytes) {
      return PagerMemory.map(kernel, uffd, bytes, Set.of(RegisterMode.MISSING));
    }

    @Override
    Region map(PagerCore core, WatchedSpace space, Userfaultfd uffd, Parts parts) {
      Kernel kernel = core.context.kernel();
      long address =
          PagerMemory.map(
              kernel,
              uffd,
              parts.pages() * PAGE,
              Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT));
      Backing backing = new PrivateBacking(core.context, core.placement, kernel.openPagemap());
      return parts.region(space, backing, address, kernel.dataAddress(address));
    }
  },

  /** As if the application were another process. */
  SHARED(SparePage.PAGES) {
    @Override
    Userfaultfd open(Kernel kernel) {
      return kernel.openUserfaultfd(
          OpenOptions.of(
              Feature.PAGEFAULT_FLAG_WP,
              Feature.MISSING_SHMEM,
              Feature.MINOR_SHMEM,
              Feature.WP_HUGETLBFS_SHMEM));
    }

    @Override
    long mapStaging(Kernel kernel, Userfaultfd uffd, long bytes) {
      return kernel.mapUnreserved(bytes);
    }

    @Override
    Region map(PagerCore core, WatchedSpace space, Userfaultfd uffd, Parts parts) {
      Kernel kernel = core.context.kernel();
      MemoryFile file = kernel.createFile("two pages", parts.pages() * PAGE, PageSize.BASE);
      long address = kernel.map(MapRequest.sharedFile(file));
      uffd.register(
          address,
          parts.pages() * PAGE,
          Set.of(RegisterMode.MISSING, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT));
      Backing backing =
          new SharedBacking(
              core.context,
              core.placement,
              parts.watched(file),
              0,
              kernel.map(MapRequest.sharedFile(file)),
              file.sizeBytes(),
              new SparePage(parts.page()));
      return parts.region(space, backing, address, 0);
    }
  };

  /** Creates the region, once it is known where it is. */
  interface Parts {
    long pages();

    /** Native memory of a page. */
    MemorySegment page();

    /** The file, of which each call is a point at which another thread may run. */
    MemoryFile watched(MemoryFile file);

    Region region(WatchedSpace space, Backing backing, long address, long dataAddress);
  }

  /** How many pages may be in memory beyond the frames of the buffer. */
  final int headroom;

  ProgramMemory(int headroom) {
    this.headroom = headroom;
  }

  abstract Userfaultfd open(Kernel kernel);

  abstract long mapStaging(Kernel kernel, Userfaultfd uffd, long bytes);

  abstract Region map(PagerCore core, WatchedSpace space, Userfaultfd uffd, Parts parts);
}
