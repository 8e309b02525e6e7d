-- Run once, when the cluster is new: the registry keeps its state beside the platform's, in a database of its own.
CREATE DATABASE registry;
