package io.faultline.restore.image;

/** The kinds of image files, by their magic numbers (CRIU, criu/include/magic.h). */
enum ImageType {
  INVENTORY(0x58313116, false, "an inventory"),
  PROCESS_TREE(0x50273030, true, "a process tree"),
  MEMORY(0x57492820, true, "a process's memory areas"),
  PAGEMAP(0x56084025, true, "a pagemap");

  /** Precedes the type's own number in most files. */
  static final int COMMON_MAGIC = 0x54564319;

  private final int magic;
  private final boolean common;
  private final String contents;

  ImageType(int magic, boolean common, String contents) {
    this.magic = magic;
    this.common = common;
    this.contents = contents;
  }

  int magic() {
    return magic;
  }

  /** Whether the file starts with {@link #COMMON_MAGIC}. */
  boolean hasCommonMagic() {
    return common;
  }

  /** What such a file is, with its article. */
  String contents() {
    return contents;
  }
}
