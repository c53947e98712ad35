"""Files of other projects that published sites use, each as it was released, with version, licence and checksum."""
