package io.faultline.demo.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.memory.MemoryRegion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The memory that no program changes after power-on: low memory except the scratch areas, and
 * read-only memory.
 *
 * @param config of the VM
 * @param layout of its memory
 * @param tscKhz frequency of its TSC
 * @param rom contents of read-only memory
 */
record PowerOnMemory(KvmVmConfig config, GuestLayout layout, int tscKhz, GuestRom rom) {
  /** Writes the initial contents. No page of the regions may be registered for faults. */
  void write(List<MemoryRegion> regions) {
    writeLow(regions.get(GuestLayout.LOW_ID).guest().data());
    rom.write(regions.get(GuestLayout.ROM_ID).guest().data(), KvmHost.faultTicks(tscKhz));
  }

  /** Whether the regions of a VM still have these contents. All pages must be present. */
  boolean equalTo(List<MemoryRegion> regions) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment low = arena.allocate(layout.lowBytes());
      writeLow(low);
      MemorySegment otherRom = arena.allocate(layout.romBytes());
      rom.write(otherRom, KvmHost.faultTicks(tscKhz));
      MemorySegment lowHere = regions.get(GuestLayout.LOW_ID).guest().data();
      long scratchEnd = GuestLayout.scratch(config.programs().vcpus());
      return equal(low, lowHere, 0, GuestLayout.SCRATCH)
          && equal(low, lowHere, scratchEnd, layout.lowBytes())
          && equal(otherRom, regions.get(GuestLayout.ROM_ID).guest().data(), 0, layout.romBytes());
    }
  }

  private void writeLow(MemorySegment low) {
    byte[] image = GuestImage.load();
    MemorySegment.copy(image, 0, low, JAVA_BYTE, GuestLayout.CODE, image.length);
    PageTables.write(low, layout);
    // Makes these pages present, so that GuestClock can be read before the guest writes to them.
    long scratchEnd = GuestLayout.scratch(config.programs().vcpus());
    low.asSlice(GuestLayout.SCRATCH, scratchEnd - GuestLayout.SCRATCH).fill((byte) 0);
  }

  private static boolean equal(MemorySegment a, MemorySegment b, long start, long end) {
    return MemorySegment.mismatch(a, start, end, b, start, end) == -1;
  }
}
