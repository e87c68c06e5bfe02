Gem::Specification.new do |spec|
  spec.name = 'windfall-client'
  spec.version = '0.1.0'
  spec.summary = 'Messages and clients of Windfall.'
  spec.authors = ['Windfall']
  spec.license = 'Apache-2.0'
  spec.files = Dir['lib/**/*.rb'] + ['README.md']
  spec.add_dependency 'google-protobuf'
  spec.add_dependency 'googleapis-common-protos-types'
  spec.add_dependency 'grpc'
end
