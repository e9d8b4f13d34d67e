package io.faultline.demo.kvm.linux;

/**
 * {@code struct kvm_sregs} (asm/kvm.h).
 *
 * <pre>
 *  0   24  48  72  96  120 144 168 192 208 224 232 240 248 256 264  272       280
 *  +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+----+---------+---------+
 *  |cs |ds |es |fs |gs |ss |tr |ldt|gdt|idt|cr0|cr2|cr3|cr4|cr8|efer|apic_base|interrupt|
 *  +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+----+---------+---------+ 312
 *
 *  A segment:
 *  0        8       12        14    15       16   17  18  19  20  21   22        23
 *  +--------+-------+---------+-----+--------+----+---+---+---+---+----+---------+--------+
 *  | base   | limit | selector| type| present| dpl| db| s | l | g | avl| unusable| padding|
 *  +--------+-------+---------+-----+--------+----+---+---+---+---+----+---------+--------+ 24
 * </pre>
 */
public final class Sregs {
  static final int SIZE = 312;

  private static final int SEGMENT_BYTES = 24;
  private static final int LIMIT = 8;
  private static final int SELECTOR = 12;
  private static final int TYPE = 14;
  private static final int PRESENT = 15;
  private static final int DPL = 16;
  private static final int DB = 17;
  private static final int S = 18;
  private static final int L = 19;
  private static final int G = 20;
  private static final int CR0 = 224;
  private static final int CR3 = 240;
  private static final int CR4 = 248;
  private static final int EFER = 264;
  private static final int INTERRUPT_BITMAP = 280;
  private static final int INTERRUPT_BYTES = 32;

  /** Segment registers, in the order of the structure. */
  public enum SegmentName {
    CS,
    DS,
    ES,
    FS,
    GS,
    SS,
    TR,
    LDT
  }

  static {
    assert INTERRUPT_BITMAP + INTERRUPT_BYTES == SIZE;
  }

  private final byte[] bytes;

  /**
   * @param bytes the structure; not copied
   * @throws IllegalArgumentException if they do not have its size
   */
  public Sregs(byte[] bytes) {
    this.bytes = StateBytes.sized("kvm_sregs", bytes, SIZE);
  }

  /** The structure; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** Makes a segment a flat one of user mode (CPL 3), for 64-bit code or for data. */
  public Sregs setFlatUserSegment(SegmentName name, int selector, boolean code) {
    int at = name.ordinal() * SEGMENT_BYTES;
    StateBytes.setLong(bytes, at, 0);
    StateBytes.setInt(bytes, at + LIMIT, -1);
    StateBytes.setShort(bytes, at + SELECTOR, selector);
    bytes[at + TYPE] = (byte) (code ? 0xb : 0x3); // accessed; readable or writable
    bytes[at + PRESENT] = 1;
    bytes[at + DPL] = 3;
    bytes[at + DB] = (byte) (code ? 0 : 1);
    bytes[at + S] = 1;
    bytes[at + L] = (byte) (code ? 1 : 0);
    bytes[at + G] = 1;
    return this;
  }

  public Sregs setControl(long cr0, long cr3, long cr4, long efer) {
    StateBytes.setLong(bytes, CR0, cr0);
    StateBytes.setLong(bytes, CR3, cr3);
    StateBytes.setLong(bytes, CR4, cr4);
    StateBytes.setLong(bytes, EFER, efer);
    return this;
  }
}
