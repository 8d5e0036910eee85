// CommonJS packages that require ESM-only Nest fail under jest's module runner unless Nest is loaded already.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
