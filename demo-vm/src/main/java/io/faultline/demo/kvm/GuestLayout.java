package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.MemorySlot;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.PageRange;
import io.faultline.uffd.Kernel;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The layout of guest-physical memory. The guest's virtual addresses are the same.
 *
 * <pre>
 *  0x1000      PML4         low memory, region 0: the guest writes only to the scratch areas
 *  0x2000      PDPT
 *  0x10000     code of the programs
 *  0x20000     scratch areas of 8 KiB, one per vCPU: its struct clock, then its stack
 *  0x100000    PDs, one per mapped GiB
 *  1 GiB       read-only memory, region 1: struct program per vCPU, tables
 *  4 GiB       RAM, region 2
 * </pre>
 *
 * The hardware addresses below 4 GiB (interrupt controllers, from 0xfec00000) stay unused.
 *
 * @param lowBytes size of low memory
 * @param romBytes size of read-only memory
 * @param ramBytes size of RAM
 */
record GuestLayout(long lowBytes, long romBytes, long ramBytes) {
  static final long PML4 = 0x1000;
  static final long PDPT = 0x2000;
  static final long CODE = 0x10000;
  static final long SCRATCH = 0x20000;
  static final long SCRATCH_BYTES = 0x2000;
  static final long PAGE_DIRECTORIES = 0x100000;
  static final long GIB = 1L << 30;
  static final long ROM = GIB;
  static final long RAM = 4 * GIB;
  static final long TABLE_BYTES = 4096;

  static final int LOW_ID = 0;
  static final int ROM_ID = 1;
  static final int RAM_ID = 2;

  static {
    assert SCRATCH + KvmVmConfig.MAX_VCPUS * SCRATCH_BYTES <= PAGE_DIRECTORIES;
  }

  static GuestLayout of(Kernel kernel, KvmVmConfig config, long romContentBytes) {
    long page =
        kernel.pageSizeBytes(smallRegionBacking(config.programs().backing(), "").pageSize());
    long ram = config.programs().ramBytes();
    return new GuestLayout(
        Math.ceilDiv(PAGE_DIRECTORIES + directories(config) * TABLE_BYTES, page) * page,
        Math.ceilDiv(romContentBytes, page) * page,
        ram);
  }

  private static long directories(KvmVmConfig config) {
    return 2 + Math.ceilDiv(config.programs().ramBytes(), GIB);
  }

  /** Maps the three regions. */
  List<MemoryRegion> map(Kernel kernel, Backing backing) {
    MemoryRegion low =
        MemoryRegion.map(kernel, LOW_ID, "low", smallRegionBacking(backing, ".low"), lowBytes);
    try {
      MemoryRegion rom =
          MemoryRegion.map(kernel, ROM_ID, "rom", smallRegionBacking(backing, ".rom"), romBytes);
      try {
        return List.of(low, rom, MemoryRegion.map(kernel, RAM_ID, "ram", backing, ramBytes));
      } catch (RuntimeException e) {
        rom.close();
        throw e;
      }
    } catch (RuntimeException e) {
      low.close();
      throw e;
    }
  }

  /** The memory slot of a region. */
  static MemorySlot slot(MemoryRegion region) {
    long address =
        switch (region.id()) {
          case LOW_ID -> 0;
          case ROM_ID -> ROM;
          default -> RAM;
        };
    return new MemorySlot(
        region.id(), address, region.sizeBytes(), region.guest().address(), region.id() == ROM_ID);
  }

  /** Offsets of the pages in low memory that KVM itself may read: page tables and code. */
  static List<Long> tablePages(KvmVmConfig config) {
    return LongStream.concat(
            LongStream.of(PML4, PDPT, CODE),
            LongStream.range(0, directories(config)).map(n -> PAGE_DIRECTORIES + n * TABLE_BYTES))
        .boxed()
        .toList();
  }

  /**
   * The pages that vCPUs need first: page tables, code, their programs, and their scratch areas.
   *
   * @param pageBytes size of a base page
   */
  static List<PageRange> neededFirst(KvmVmConfig config, long pageBytes) {
    int vcpus = config.programs().vcpus();
    long programs = Math.ceilDiv(GuestRom.address(vcpus) - ROM, pageBytes);
    return List.of(
        new PageRange(LOW_ID, PML4 / pageBytes, (PDPT + TABLE_BYTES - PML4) / pageBytes),
        new PageRange(LOW_ID, CODE / pageBytes, 1),
        new PageRange(LOW_ID, SCRATCH / pageBytes, (scratch(vcpus) - SCRATCH) / pageBytes),
        new PageRange(LOW_ID, PAGE_DIRECTORIES / pageBytes, directories(config)),
        new PageRange(ROM_ID, 0, programs));
  }

  /** The scratch area of a vCPU, an offset in low memory. */
  static long scratch(int vcpu) {
    return SCRATCH + vcpu * SCRATCH_BYTES;
  }

  /**
   * The backing of low and read-only memory. They have base pages, since they are small. They are
   * shared if RAM is, so that their pages are placed in the same way, and named if RAM is, so that
   * they live as long.
   */
  static Backing smallRegionBacking(Backing backing, String suffix) {
    return switch (backing.kind()) {
      case ANONYMOUS -> Backing.ANONYMOUS;
      case SHMEM, HUGETLB -> Backing.SHMEM;
      case FILE -> Backing.file(Path.of(backing.path() + suffix), backing.pageSize());
    };
  }
}
