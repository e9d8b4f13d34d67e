package io.faultline.uffd.races;

/** The threads of the program, named as in the diagrams of the kernel's commit message. */
enum Role {
  VCPU("vcpu"),
  BACKGROUND("background_thr"),
  FAULT_READER("userfault_thr");

  private final String title;

  Role(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
