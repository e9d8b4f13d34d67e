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
 * Where what lies in guest-physical memory, which is also where the guest sees it.
 *
 * <pre>
 *  0x1000      PML4         low memory, region 0: written by the guest only in the scratch areas
 *  0x2000      PDPT
 *  0x10000     the programs' code
 *  0x20000     scratch areas of 8 KiB, one for each vCPU: its clock, then its stack
 *  0x100000    PDs, one for each GiB that is mapped
 *  1 GiB       read-only memory, region 1: what the programs work on, tables
 *  4 GiB       RAM, region 2
 * </pre>
 *
 * The addresses below 4 GiB that hardware uses (interrupt controllers, at 0xfec00000 on) stay free.
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
    long page = kernel.pageSizeBytes(side(config.programs().backing(), "").pageSize());
    long ram = config.programs().ramBytes();
    return new GuestLayout(
        Math.ceilDiv(PAGE_DIRECTORIES + directories(config) * TABLE_BYTES, page) * page,
        Math.ceilDiv(romContentBytes, page) * page,
        ram);
  }

  private static long directories(KvmVmConfig config) {
    return 2 + Math.ceilDiv(config.programs().ramBytes(), GIB);
  }

  /** Maps the three regions, of zeros. */
  List<MemoryRegion> map(Kernel kernel, Backing backing) {
    MemoryRegion low = MemoryRegion.map(kernel, LOW_ID, "low", side(backing, ".low"), lowBytes);
    try {
      MemoryRegion rom = MemoryRegion.map(kernel, ROM_ID, "rom", side(backing, ".rom"), romBytes);
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

  /** The slot of a region. */
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

  /** The pages of low memory that KVM itself may read: tables and code, as offsets. */
  static List<Long> tablePages(KvmVmConfig config) {
    return LongStream.concat(
            LongStream.of(PML4, PDPT, CODE),
            LongStream.range(0, directories(config)).map(n -> PAGE_DIRECTORIES + n * TABLE_BYTES))
        .boxed()
        .toList();
  }

  /**
   * What vCPUs touch before all else: page tables, code, what they work on, and their own areas.
   *
   * @param pageBytes of a base page
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
   * What low and read-only memory are made of: base pages, since they are small, but shared where
   * RAM is, so that they are placed in the same way, and named where RAM is, so that they live as
   * long.
   */
  static Backing side(Backing backing, String suffix) {
    return switch (backing.kind()) {
      case ANONYMOUS -> Backing.ANONYMOUS;
      case SHMEM, HUGETLB -> Backing.SHMEM;
      case FILE -> Backing.file(Path.of(backing.path() + suffix), backing.pageSize());
    };
  }
}
