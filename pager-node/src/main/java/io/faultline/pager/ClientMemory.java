package io.faultline.pager;

import io.faultline.paging.PagingException;
import io.faultline.paging.PreparedRegion;
import io.faultline.paging.SharedMemory;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.paging.SharedRegion;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The regions of one client, with the descriptors that it has handed over. */
final class ClientMemory {
  private static final Set<Feature> REQUIRED =
      Set.of(
          Feature.PAGEFAULT_FLAG_WP,
          Feature.MISSING_SHMEM,
          Feature.MINOR_SHMEM,
          Feature.WP_HUGETLBFS_SHMEM);

  /** With these the client would wait for events that mean nothing here, or write unseen. */
  private static final Set<Feature> FORBIDDEN =
      Set.of(
          Feature.EVENT_FORK,
          Feature.EVENT_REMOVE,
          Feature.EVENT_REMAP,
          Feature.EVENT_UNMAP,
          Feature.SIGBUS,
          Feature.WP_ASYNC);

  private final MemoryFile file;
  private final SharedMemory memory;
  private final List<SharedRegion> regions = new ArrayList<>();
  private final List<Stores.Use> uses = new ArrayList<>();
  private final List<MemoryClaims.Claim> claimed = new ArrayList<>();

  private boolean closed;

  private ClientMemory(MemoryFile file, SharedMemory memory) {
    this.file = file;
    this.memory = memory;
  }

  /**
   * Takes over the memory of a client.
   *
   * @param descriptors two: the userfaultfd and the memfd
   * @param failures receives what fails later
   * @throws RefusedException if that is impossible; everything is closed then
   */
  static ClientMemory take(
      LinuxKernel kernel,
      SharedMemoryPager pager,
      Stores stores,
      MemoryClaims claims,
      ReceivedDescriptors descriptors,
      List<RegionRequest> requests,
      Consumer<String> failures)
      throws RefusedException {
    Userfaultfd uffd = userfaultfd(kernel, descriptors.take());
    ClientMemory client;
    try {
      client = new ClientMemory(memoryFile(kernel, descriptors.take()), pager.serve(uffd));
    } catch (RefusedException e) {
      uffd.close();
      throw e;
    }
    try {
      client.pageAll(requests, stores, claims, kernel, failures);
      return client;
    } catch (RefusedException e) {
      client.abandon();
      throw e;
    }
  }

  private static Userfaultfd userfaultfd(LinuxKernel kernel, int fd) throws RefusedException {
    try {
      Userfaultfd uffd = kernel.adoptUserfaultfd(fd, FaultScope.USER_ONLY);
      Set<Feature> missing = EnumSet.copyOf(REQUIRED);
      missing.removeAll(uffd.features());
      Set<Feature> forbidden = EnumSet.copyOf(FORBIDDEN);
      forbidden.retainAll(uffd.features());
      if (missing.isEmpty() && forbidden.isEmpty()) {
        return uffd;
      }
      throw new RefusedException(
          missing.isEmpty()
              ? "the userfaultfd has the features " + forbidden + ": leave them out of UFFDIO_API"
              : "the userfaultfd lacks the features " + missing + ": ask UFFDIO_API for them");
    } catch (IllegalArgumentException e) {
      FileDescriptors.close(fd);
      throw new RefusedException("the first descriptor: " + e.getMessage());
    } catch (RefusedException e) {
      FileDescriptors.close(fd);
      throw e;
    }
  }

  private static MemoryFile memoryFile(LinuxKernel kernel, int fd) throws RefusedException {
    try {
      return kernel.adoptFile(fd);
    } catch (IllegalArgumentException | SystemCallException e) {
      FileDescriptors.close(fd);
      throw new RefusedException("the second descriptor: " + e.getMessage());
    }
  }

  /** Begins with all regions, or with none: then the memory has what it had. */
  private void pageAll(
      List<RegionRequest> requests,
      Stores stores,
      MemoryClaims claims,
      LinuxKernel kernel,
      Consumer<String> failures)
      throws RefusedException {
    List<PreparedRegion> prepared = new ArrayList<>();
    try {
      for (RegionRequest request : requests) {
        prepared.add(prepare(request, prepared.size(), stores, claims, kernel));
      }
      while (regions.size() < requests.size()) {
        start(prepared.get(regions.size()), requests.get(regions.size()), failures);
      }
    } catch (RefusedException e) {
      prepared.subList(regions.size(), prepared.size()).forEach(PreparedRegion::giveUp);
      throw e;
    }
  }

  private PreparedRegion prepare(
      RegionRequest request, int index, Stores stores, MemoryClaims claims, LinuxKernel kernel)
      throws RefusedException {
    if (request.fileOffset() + request.sizeBytes() > file.sizeBytes()) {
      throw new RefusedException(
          "region "
              + index
              + " ends at offset "
              + (request.fileOffset() + request.sizeBytes())
              + " of a memfd of "
              + file.sizeBytes()
              + " bytes");
    }
    claimed.add(claims.claim(file, request));
    Stores.Use use = stores.use(request, kernel.pageSizeBytes(PageSize.BASE));
    uses.add(use);
    try {
      return memory.prepare(
          file,
          request.fileOffset(),
          request.address(),
          use.part().sizeBytes(),
          use.part(),
          request.options());
    } catch (IllegalArgumentException | SystemCallException | PagingException e) {
      throw new RefusedException("region " + index + ": " + e.getMessage());
    }
  }

  private void start(PreparedRegion prepared, RegionRequest request, Consumer<String> failures)
      throws RefusedException {
    try {
      SharedRegion region = prepared.start();
      region.onError(error -> failures.accept(error.message()));
      region.advise(request.advice().access(), 0, region.lengthBytes());
      regions.add(region);
    } catch (SystemCallException e) {
      throw new RefusedException("region " + regions.size() + ": " + e.getMessage());
    }
  }

  List<SharedRegion> regions() {
    return regions;
  }

  /**
   * Its regions for users.
   *
   * @param client whose memory this is
   */
  List<RegionStatus> status(String client, long pageBytes) {
    List<RegionStatus> all = new ArrayList<>();
    for (int i = 0; i < regions.size(); i++) {
      Stores.Use use = uses.get(i);
      SharedRegion region = regions.get(i);
      all.add(
          new RegionStatus(
              client,
              use.name(),
              use.start(),
              region.lengthBytes(),
              region.residentPages() * pageBytes,
              use.isWritable()));
    }
    return all;
  }

  long residentPages() {
    return regions.stream().mapToLong(SharedRegion::residentPages).sum();
  }

  /**
   * Writes everything back, then gives up memory and stores.
   *
   * @throws PagingException if a store fails: what is not in it stays
   */
  void close() {
    memory.close();
    release();
  }

  /** As {@link #close} for a client that is still there, whose accesses fail from now on. */
  void withdraw() {
    memory.withdraw();
    release();
  }

  /** Gives up memory and stores, and what is not written. */
  void abandon() {
    memory.abandon();
    release();
  }

  boolean isClosed() {
    return closed;
  }

  private void release() {
    closed = true;
    file.close();
    uses.forEach(Stores.Use::close);
    claimed.forEach(MemoryClaims.Claim::close);
  }
}
